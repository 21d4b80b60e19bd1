# Ends its process before it has defined anything.
# score: 0
# says: it exited by itself
import os

os._exit(0)
