"""An op, an optimizer and a device for tane; found by its entry point, imported by nobody."""
