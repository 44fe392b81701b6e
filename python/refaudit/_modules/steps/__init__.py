"""What a child process of a module audit can do: one file a step, with a function ``run``.

``run(request, tell)`` returns its part of the observation as plain data. ``tell(text)`` notes what
is about to be done, for the case that it is the last thing; ``tell(text, part)`` hands over a part
that is to survive what comes next.
"""
