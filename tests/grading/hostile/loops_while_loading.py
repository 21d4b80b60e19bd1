# Never gets to its functions.
# score: 0
# says: lines of Python were not enough (a loop without end?)
while True:
    pass
