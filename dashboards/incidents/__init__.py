"""Incidents: their life (`workflow`, pure), how calls make them (`intake`), what people do (`service`)."""
