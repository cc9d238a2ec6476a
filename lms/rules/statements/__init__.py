"""The statement, part by part, as xAPI 1.0.3 and IEEE 9274.1.1 (2.0) have it.

    refusal        how a fault is named, with its place in the JSON
    strict_json    reading JSON strictly, knowing where each part stood
    versions       which of the two versions is spoken
    identifiers    IRIs, UUIDs, languages; times: timestamps and durations
    actors  verbs  activities  references  results  contexts  attachments      the parts
    whole          the statement, and statements inside statements
    texts          the text as it came, with what the store assigns
    order          the log's order; terms: by what a statement is found
    equality       when two statements are the same; voiding; signatures
    formats        exact, ids, canonical; languages, definitions
    queries        what a request asks for; own: the statements we make ourselves
    multipart      statements with the data of their attachments; documents: state and profiles
    batches        statements as they arrive; forwarding: when one is sent to another store again

Validators take a parsed value and its path, give nothing, and raise ``Refused``. They are written by hand because
statements arrive by the hundred: ``tests/benchmarks`` holds them to more than 20,000 a second on one core.
"""
