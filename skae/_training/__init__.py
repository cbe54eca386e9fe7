"""How a module is trained. The only room that imports skorch."""
