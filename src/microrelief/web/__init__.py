"""The clinic's site, thin: it stores, asks, and shows.

    configuration    the environment, read once
    safety           what must hold before anything is served, and the sentence for what does not
    start            a data folder becomes a running site
    settings, urls   Django's own two doors
    sqlcipher        SQLite whose file is unreadable without the key
    people           accounts, roles, invitations, sessions
    patients         who is treated, by whom; identity, search, moves, export, erasure
    photos           originals and thumbnails, encrypted, with every view of an original recorded
    brake            nobody carries off photographs by the hundred
    visits           who comes when: the page of the day, and the spine of one patient
    sheets           a page of questions that is a draft until it is signed; face_map, the face to tap on
    consultations    history, examination, findings, decision
    plans            sessions, dates, sheets for the patient
    treatments       one session of microneedling; recall of a lot
    measuring        the child process that holds the imaging; no page imports a pixel
    background       work that outlives a request, one thread, in turn
    photosets        the views of one day: captured, uploaded or imported, against a baseline
    comparisons      two photographs as a page of the record, the series, the patient's summary
    consents         the ledger: one row for each answer to each purpose
    audit            the trail that can be read and verified
    api              the same actions for other programs
    demo_clinic      ten invented people, written by the actions of all the others; demo, its door

urls -> views -> forms -> actions -> models. Each noun has its folder.
"""
