/* What pybind11's handles allow. `LEAK <name>` as in ../c/planted.h. */
#include <pybind11/pybind11.h>

#include <vector>

namespace py = pybind11;

static std::size_t
released_handle(py::object factory)
{
    py::object made = factory(); /* LEAK released_handle */
    return py::hash(made.release()) != 0; /* LEAK released_handle */
}

static bool
borrowed_of_new(py::object owner)
{
    auto item = py::reinterpret_borrow<py::object>(PyObject_GetAttrString(owner.ptr(), "item")); /* LEAK borrowed_of_new */
    return item.is_none();
}

static void
counted_by_hand(py::handle thing)
{
    thing.inc_ref(); /* LEAK counted_by_hand */
    if (py::hasattr(thing, "no_such_attribute"))
        thing.dec_ref();
}

/* The caster's result is a new reference already. */
static py::object
cast_and_counted(py::object thing)
{
    py::object copy = thing; /* LEAK cast_and_counted */
    py::str text(copy);
    copy.inc_ref(); /* LEAK cast_and_counted */
    return copy;
}

static bool
raises_between(py::object thing)
{
    PyObject *raw = py::object(thing).release().ptr(); /* LEAK raises_between */
    try {
        py::int_ number(py::handle(raw).attr("no_such_attribute"));
        Py_DECREF(raw);
    } catch (py::error_already_set &) {
        return false;
    }
    return true;
}

static void
stolen_of_borrowed(py::handle thing)
{
    py::object item = py::reinterpret_steal<py::object>(thing);
    py::str text(item);
    item = py::none(); /* LEAK stolen_of_borrowed */
}

PYBIND11_MODULE(handles, m)
{
    m.def("released_handle", &released_handle);
    m.def("borrowed_of_new", &borrowed_of_new);
    m.def("counted_by_hand", &counted_by_hand);
    m.def("cast_and_counted", &cast_and_counted);
    m.def("raises_between", &raises_between);
    m.def("stolen_of_borrowed", &stolen_of_borrowed);
}
