"""What still works when the call controller does not.

`agi.triage` is started by Asterisk itself for each caller on the degraded path; `agi.rescuer` runs beside
the controller and hands the callers that it lets down to that path.
"""
