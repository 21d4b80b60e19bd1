# Is an object that can be called, and says it is everything.
# score: 0
# says: walk, which is replaced
class Everything:
    def __call__(self, *arguments):
        return self

    def __getattr__(self, name):
        return self


walk = mappages = Everything()
