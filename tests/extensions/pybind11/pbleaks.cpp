/* Leaks that pybind11's handles allow; each function has a clean twin. */
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace py = pybind11;

static std::string
fresh_text()
{
    static unsigned serial = 0;
    return "fresh text number " + std::to_string(++serial);
}

static std::size_t
leaky_release()
{
    py::str text(fresh_text());
    return py::len(text.release()); /* LEAK: RA103 */
}

static std::size_t
clean_release()
{
    py::str text(fresh_text());
    return py::len(text);
}

static void
leaky_inc_ref(py::handle thing)
{
    thing.inc_ref(); /* LEAK: RA101 */
}

static void
clean_inc_ref(py::handle thing)
{
    thing.inc_ref().dec_ref();
}

/* A new reference, taken for a borrowed one. */
static std::size_t
leaky_borrow()
{
    auto list = py::reinterpret_borrow<py::list>(PyList_New(0)); /* LEAK: RA103 */ /* SITE leaky_borrow */
    return list.size();
}

static std::size_t
clean_borrow()
{
    auto list = py::reinterpret_steal<py::list>(PyList_New(0));
    return list.size();
}

/* A borrowed reference, taken for a new one. */
static std::size_t
leaky_steal(py::list items)
{
    auto first = py::reinterpret_steal<py::bytes>(PyList_GetItem(items.ptr(), 0)); /* LEAK: RA201 */
    return py::len(first);
}

static std::size_t
clean_steal(py::list items)
{
    auto first = py::reinterpret_borrow<py::bytes>(PyList_GetItem(items.ptr(), 0));
    return py::len(first);
}

/* A Python list in a static; never destroyed, since that would be too late. */
static py::list &
history()
{
    static auto *list = new py::list;
    return *list;
}

static std::size_t
leaky_history()
{
    py::list entry; /* SITE leaky_history */
    history().append(entry); /* LEAK: RA104 */
    return history().size();
}

static std::size_t
clean_history()
{
    py::list entry;
    history().attr("clear")();
    history().append(entry);
    return history().size();
}

/* Memory of CPython's allocators, which an exception leaves behind. */
static int
leaky_buffer(int value)
{
    auto *buffer = static_cast<char *>(PyMem_Malloc(320)); /* SITE leaky_buffer */
    if (value < 0)
        throw py::value_error("negative"); /* LEAK: RA105 */
    PyMem_Free(buffer);
    return value;
}

static int
clean_buffer(int value)
{
    std::unique_ptr<void, void (*)(void *)> buffer(PyMem_Malloc(320), PyMem_Free);
    if (value < 0)
        throw py::value_error("negative");
    return value;
}

/* Callbacks in C++ memory, where no collector looks. */
static std::vector<std::function<void()>> callbacks;

static void
leaky_capture(py::function callback)
{
    callbacks.push_back([callback] { callback(); }); /* LEAK: RA101 */
}

static void
clean_capture(py::function callback)
{
    callbacks.assign(1, [callback] { callback(); });
}

/* Python objects in a class that does not show them to the collector. */
struct Holder {
    py::object held;
};

static void
leaky_cycle()
{
    py::object holder = py::cast(Holder{});
    holder.cast<Holder &>().held = holder; /* LEAK: RA103 */
}

static void
clean_cycle()
{
    py::object holder = py::cast(Holder{});
    holder.cast<Holder &>().held = py::none();
}

/* A raw pointer: only the policy of a function says who deletes what it points to. */
struct Thing {
    char bytes[136] = {};
};

static Thing *
make_thing()
{
    return new Thing; /* SITE make_thing */
}

PYBIND11_MODULE(pbleaks, module)
{
    py::class_<Holder>(module, "Holder");
    py::class_<Thing>(module, "Thing");
    module.def("leaky_release", leaky_release);
    module.def("clean_release", clean_release);
    module.def("leaky_inc_ref", leaky_inc_ref);
    module.def("clean_inc_ref", clean_inc_ref);
    module.def("leaky_borrow", leaky_borrow);
    module.def("clean_borrow", clean_borrow);
    module.def("leaky_steal", leaky_steal);
    module.def("clean_steal", clean_steal);
    module.def("leaky_history", leaky_history);
    module.def("clean_history", clean_history);
    module.def("leaky_buffer", leaky_buffer);
    module.def("clean_buffer", clean_buffer);
    module.def("leaky_capture", leaky_capture);
    module.def("clean_capture", clean_capture);
    module.def("leaky_cycle", leaky_cycle);
    module.def("clean_cycle", clean_cycle);
    module.def("leaky_thing", &make_thing, py::return_value_policy::reference); /* LEAK: RA106 */
    module.def("clean_thing", &make_thing, py::return_value_policy::take_ownership);
}
