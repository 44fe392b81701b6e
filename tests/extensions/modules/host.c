/* A Python interpreter with more builtins: SAMPLE_BUILTINS=<name>=<shared library>:... names them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never unloaded: the interpreter has the pointer. */
static int
append(const char *name, const char *path)
{
    char symbol[256];
    snprintf(symbol, sizeof symbol, "PyInit_%s", name);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *found = library == NULL ? NULL : dlsym(library, symbol);
    PyObject *(*init)(void);
    memcpy(&init, &found, sizeof init);
    return found == NULL ? -1 : PyImport_AppendInittab(name, init);
}

int
main(int argc, char **argv)
{
    char *rest = getenv("SAMPLE_BUILTINS");
    /* The names stay with the interpreter, too. */
    rest = rest == NULL ? NULL : strdup(rest);
    for (char *one = rest; one != NULL && *one != 0; one = rest) {
        rest = strchr(one, ':');
        if (rest != NULL) {
            *rest++ = 0;
        }
        char *path = strchr(one, '=');
        if (path != NULL) {
            *path++ = 0;
        }
        if (path == NULL || append(one, path) < 0) {
            fprintf(stderr, "no builtin %s: %s\n", one, path == NULL ? "no path" : dlerror());
            return 3;
        }
    }
    return Py_BytesMain(argc, argv);
}
