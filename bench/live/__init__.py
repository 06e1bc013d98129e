"""Live: a microscope that sends while the service is restarted."""
