"""The care pathway's rules: data with a source, and small functions. No pixels, no clock.

In the order of a visit:

    rulebook      rules/*.toml and a clinic's own file become a Rulebook; book.on(day), the rules of a day
    facts         what was written becomes Facts; questions/*.toml says what is asked; unknown is not "no"
    finding       a rule and facts become a Finding, findings an Outcome; a Decision is laid beside it
    suitability   history and examination -> exclude, defer until a day, refer, caution, ok
    preparation   session date and products -> a dated plan (calendar writes it as ICS)
    numbing       product, grams, area, minutes -> within limits, warning, stop
    session       device, needle, zones, passes -> ok, warning, stop, and what is missing before sign-off
    recovery      hour and diary -> what is expected, triage, aftercare
    course        sessions, reviews, when to stop, what published series achieved
    information   sourced passages for the consultation
    claims        may this pair be called a result?
    instruments   one grading scale a file
    reference     docs/reference/rules.md from the rules and the spec tests
"""
