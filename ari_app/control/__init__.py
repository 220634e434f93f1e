"""What the dashboards may ask of the call controller, over HTTP on the loopback."""

from ari_app.control.api import application

__all__ = ["application"]
