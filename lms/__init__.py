"""Golden Thread: who needs what, who holds it, who is due again.

Layers, bottom to top; each imports only what stands below it:

    rules      policy as pure functions; an auditor reads this folder alone
    tables     what is stored
    services   what the system does, given a session
    web  api  xapi  cli  (and the package ``workers``)      the edges

Nouns, upstream to downstream; each imports only what stands before it:

    organisations  accounts  audit
    job_roles → roster → people → training_map → sessions → statements
              → completions → prior_learning → standing → coverage → gaps
              → reminders → preview → feed → reference (all reference files at once)

Beside them stand the doors to the outside: settings, clock, db, queue, mail, lrs, uploads,
bodies, drop, spreadsheets.
"""
