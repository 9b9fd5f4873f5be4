"""The window: docks, actions, dialogs. It tells panels what to show and the worker what to do."""
