"""Photographs kept: keys, encrypted blobs, a store that no power cut empties, intake, and the trail.

    keys         the clinic's key file; a key per patient, a key per photograph, each wrapped by the one above
    envelope     bytes become an encrypted blob and back, in segments
    durable      bytes become a file that a power cut does not take back
    photo_store  blobs under server-made names: put, open, delete, sweep
    intake       an upload becomes an accepted photograph with its facts and small copies
    chain        the audit trail as a chain of authenticated entries, and its signed head

Django is not known here; the site calls in. The order of keeping a photograph, to which the power-cut tests
hold: `put` (file synced, named, folder synced), then commit the row with synchronous=FULL, then acknowledge.
"""
