"""Says which modules importing a name loads outside of its own package."""

from importing import answer, dependencies_of, read_words

answer({"dependencies": dependencies_of(read_words()["name"])})
