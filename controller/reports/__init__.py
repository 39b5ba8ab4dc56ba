"""Reports as a city's lighting department files them, from the account and the documents.

`content` says what a report holds, `build` fills it, the others write it: XLSX, PDF, CSV,
JSON, and a push to the city's platform. Nothing here knows the command line.
"""
