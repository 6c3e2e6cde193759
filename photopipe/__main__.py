"""`python -m photopipe` is the command `photopipe`."""

from photopipe.cli import main

if __name__ == "__main__":
    main()
