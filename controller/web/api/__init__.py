"""The API of the console and of other programs: documents, street, actions, events."""
