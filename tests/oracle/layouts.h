/* What the two halves of layouts share: the headers of CPython, and how a line is printed. */
#ifndef REFAUDIT_LAYOUTS_H
#define REFAUDIT_LAYOUTS_H

#define Py_BUILD_CORE 1
#include <Python.h>
#include <stddef.h>
#include <stdio.h>

#include <frameobject.h>

#include "internal/pycore_code.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_moduleobject.h"
#include "internal/pycore_object.h"
#if PY_VERSION_HEX >= 0x030B0000
#  include "internal/pycore_dict.h"
#  include "internal/pycore_frame.h"
#endif
#if PY_VERSION_HEX >= 0x030E0000
#  include "internal/pycore_interpframe.h"
#  include "internal/pycore_stackref.h"
#endif

#define AT(minor) (PY_VERSION_HEX >= (0x03000000 | ((minor) << 16)))
#define NUMBER(name, value) printf("%s %lld\n", name, (long long)(value))
#define SIZE(name, type) NUMBER(name ".sizeof", sizeof(type))
#define FIELD(name, type, field) NUMBER(name "." #field, offsetof(type, field))

/* layouts_execution.c: frames, generators, threads, the interpreter. */
void execution(void);

#endif
