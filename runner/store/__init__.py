"""What a node remembers: SQLite for runs, outcomes and the ledger, files for pre-images.

``database`` opens the file and migrates its schema, ``records`` are the rows as frozen data, ``history`` keeps runs
and outcomes, ``ledger`` what is managed and where it goes back to, ``standing`` accepted commits, marks, pins and
pauses, ``blobs`` the pre-images. Only this room speaks SQL, and only one thread does.
"""
