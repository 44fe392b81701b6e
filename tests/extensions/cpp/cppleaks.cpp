/* Every form of operator new, and C++ objects that are not destroyed or not to the end. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/* Where a pointer goes, so that the compiler cannot leave an allocation out. */
void *volatile sink;

template <typename T>
inline __attribute__((always_inline)) T *
seen(T *pointer)
{
    sink = const_cast<void *>(static_cast<const void *>(pointer));
    return pointer;
}

struct Small {
    char bytes[72];
};

struct alignas(64) Wide {
    char bytes[128];
};

struct Shape {
    virtual ~Shape() = default;
    virtual int corners() const { return 0; }
};

struct Polygon final : Shape {
    char *points = seen(new char[160]);
    ~Polygon() override { delete[] points; }
    int corners() const override { return 5; }
};

/* Not virtual: destroying a Note through it leaves the Note's own members behind. */
struct Plain {
    ~Plain() {}
};

struct Note : Plain {
    char *text = seen(new char[180]);
    ~Note() { delete[] text; }
};

/* Holds another of its kind, or itself. */
struct Link {
    std::shared_ptr<Link> next;
    char bytes[100];
};

std::vector<long> grown;

void
refuse(const char *why)
{
    throw std::runtime_error(why);
}

} // namespace

/* A pair of functions whose bodies are given; both return None. */
#define TWIN_BODIES(name, leaky, clean)                         \
    static PyObject *leaky_##name(PyObject *, PyObject *)       \
    {                                                           \
        leaky;                                                  \
        Py_RETURN_NONE; /* LEAK: RA106 */                       \
    }                                                           \
    static PyObject *clean_##name(PyObject *, PyObject *)       \
    {                                                           \
        clean;                                                  \
        Py_RETURN_NONE;                                         \
    }

TWIN_BODIES(new, seen(new Small), delete seen(new Small)) /* SITE leaky_new */
TWIN_BODIES(array, seen(new Small[4]), delete[] seen(new Small[4])) /* SITE leaky_array */
TWIN_BODIES(nothrow, seen(new (std::nothrow) Small), delete seen(new (std::nothrow) Small)) /* SITE leaky_nothrow */
TWIN_BODIES(nothrow_array, seen(new (std::nothrow) char[300]), delete[] seen(new (std::nothrow) char[300])) /* SITE leaky_nothrow_array */
TWIN_BODIES(aligned, seen(new Wide), delete seen(new Wide)) /* SITE leaky_aligned */
TWIN_BODIES(aligned_array, seen(new Wide[3]), delete[] seen(new Wide[3])) /* SITE leaky_aligned_array */
TWIN_BODIES(plain_call, seen(::operator new(210)), ::operator delete(seen(::operator new(210)))) /* SITE leaky_plain_call */

/* Only the object: its text is taken inside the C++ library. */
static PyObject *
leaky_string(PyObject *, PyObject *)
{
    auto *text = seen(new std::string(400, 'x')); /* SITE leaky_string */
    return PyLong_FromSize_t(text->size()); /* LEAK: RA106 */
}

static PyObject *
clean_string(PyObject *, PyObject *)
{
    auto *text = seen(new std::string(400, 'x'));
    PyObject *size = PyLong_FromSize_t(text->size());
    delete text;
    return size;
}

/* The object and its storage. */
static PyObject *
leaky_vector(PyObject *, PyObject *)
{
    auto *numbers = seen(new std::vector<long>(50)); /* SITE leaky_vector */
    return PyLong_FromSize_t(numbers->size()); /* LEAK: RA106 */
}

static PyObject *
clean_vector(PyObject *, PyObject *)
{
    auto *numbers = seen(new std::vector<long>(50));
    PyObject *size = PyLong_FromSize_t(numbers->size());
    delete numbers;
    return size;
}

/* The storage alone: the vector itself dies, but what it handed out does not. */
static PyObject *
leaky_grown(PyObject *, PyObject *)
{
    std::vector<long> numbers(1);
    for (long i = 0; i < 100; i++)
        numbers.push_back(i); /* SITE leaky_grown */
    seen(new (&grown) std::vector<long>(std::move(numbers))); /* LEAK: RA106, over the one before */
    return PyLong_FromSize_t(grown.size());
}

static PyObject *
clean_grown(PyObject *, PyObject *)
{
    std::vector<long> numbers(1);
    for (long i = 0; i < 100; i++)
        numbers.push_back(i);
    grown = std::move(numbers);
    return PyLong_FromSize_t(grown.size());
}

static PyObject *
leaky_virtual(PyObject *, PyObject *)
{
    Shape *shape = seen<Shape>(new Polygon); /* SITE leaky_virtual */
    return PyLong_FromLong(shape->corners()); /* LEAK: RA106 */
}

static PyObject *
clean_virtual(PyObject *, PyObject *)
{
    Shape *shape = seen<Shape>(new Polygon);
    PyObject *corners = PyLong_FromLong(shape->corners());
    delete shape;
    return corners;
}

static PyObject *
leaky_sliced(PyObject *, PyObject *)
{
    auto *note = seen(new Note); /* SITE leaky_sliced */
    delete static_cast<Plain *>(note); /* LEAK: RA106, without the destructor of Note */
    Py_RETURN_NONE;
}

static PyObject *
clean_sliced(PyObject *, PyObject *)
{
    auto *note = seen(new Note);
    delete note;
    Py_RETURN_NONE;
}

static PyObject *
leaky_released(PyObject *, PyObject *)
{
    auto owner = std::make_unique<Small>(); /* SITE leaky_released */
    seen(owner.release()); /* LEAK: RA106 */
    Py_RETURN_NONE;
}

static PyObject *
clean_released(PyObject *, PyObject *)
{
    auto owner = std::make_unique<Small>();
    seen(owner.get());
    Py_RETURN_NONE;
}

static PyObject *
leaky_shared(PyObject *, PyObject *)
{
    auto link = std::make_shared<Link>(); /* SITE leaky_shared */
    seen(link.get())->next = link; /* LEAK: RA106 */
    Py_RETURN_NONE;
}

static PyObject *
clean_shared(PyObject *, PyObject *)
{
    auto link = std::make_shared<Link>();
    seen(link.get())->next = nullptr;
    Py_RETURN_NONE;
}

/* An exception passes the delete by. */
static PyObject *
leaky_throw(PyObject *, PyObject *)
{
    try {
        auto *buffer = seen(new char[260]); /* SITE leaky_throw */
        refuse("always"); /* LEAK: RA106 */
        delete[] buffer;
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
    }
    return nullptr;
}

static PyObject *
clean_throw(PyObject *, PyObject *)
{
    try {
        std::unique_ptr<char[]> buffer(seen(new char[260]));
        refuse("always");
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
    }
    return nullptr;
}

#define TWINS(name)                                      \
    {"leaky_" #name, leaky_##name, METH_NOARGS, nullptr},\
    {"clean_" #name, clean_##name, METH_NOARGS, nullptr}

static PyMethodDef methods[] = {
    TWINS(new), TWINS(array), TWINS(nothrow), TWINS(nothrow_array), TWINS(aligned),
    TWINS(aligned_array), TWINS(plain_call), TWINS(string), TWINS(vector), TWINS(grown),
    TWINS(virtual), TWINS(sliced), TWINS(released), TWINS(shared), TWINS(throw),
    {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "cppleaks", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr,
};

PyMODINIT_FUNC
PyInit_cppleaks()
{
    return PyModuleDef_Init(&definition);
}
