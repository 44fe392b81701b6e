/* Prints `name value`, one a line: where CPython keeps the fields that refaudit reads.
 *
 * The compiler is the oracle: every number comes from offsetof or sizeof on the headers of the
 * interpreter under test. Only what no header declares (the dict keys of 3.10, the words before
 * a dict's values on 3.11 and 3.12) is written out here, and says so.
 *
 * Pure offsetof: nothing of libpython is called, so the program links and runs without it.
 */
#include "layouts.h"

static void object_heads(void)
{
    SIZE("object", PyObject);
    FIELD("object", PyObject, ob_refcnt);
    FIELD("object", PyObject, ob_type);
    FIELD("object", PyVarObject, ob_size);
    FIELD("tuple", PyTupleObject, ob_item);
    FIELD("list", PyListObject, ob_item);
    FIELD("cell", PyCellObject, ob_ref);
    SIZE("gc_head", PyGC_Head);
    FIELD("gc_head", PyGC_Head, _gc_next);
    FIELD("gc_head", PyGC_Head, _gc_prev);
}

static void code_object(void)
{
    SIZE("code", PyCodeObject);
    FIELD("code", PyCodeObject, co_consts);
    FIELD("code", PyCodeObject, co_names);
    FIELD("code", PyCodeObject, co_filename);
    FIELD("code", PyCodeObject, co_name);
    FIELD("code", PyCodeObject, co_linetable);
    FIELD("code", PyCodeObject, co_weakreflist);
    FIELD("code", PyCodeObject, co_extra);
    FIELD("code", PyCodeObject, co_nlocals);
    FIELD("code", PyCodeObject, co_stacksize);
    FIELD("code", PyCodeObject, co_flags);
    FIELD("code", PyCodeObject, co_firstlineno);
#if AT(11)
    FIELD("code", PyCodeObject, co_exceptiontable);
    FIELD("code", PyCodeObject, co_localsplusnames);
    FIELD("code", PyCodeObject, co_localspluskinds);
    FIELD("code", PyCodeObject, co_qualname);
    FIELD("code", PyCodeObject, co_nlocalsplus);
    FIELD("code", PyCodeObject, co_code_adaptive);
#else
    FIELD("code", PyCodeObject, co_code);
    FIELD("code", PyCodeObject, co_varnames);
    FIELD("code", PyCodeObject, co_freevars);
    FIELD("code", PyCodeObject, co_cellvars);
    FIELD("code", PyCodeObject, co_cell2arg);
    FIELD("code", PyCodeObject, co_zombieframe);
    FIELD("code", PyCodeObject, co_opcache_map);
    FIELD("code", PyCodeObject, co_opcache);
    FIELD("code", PyCodeObject, co_opcache_flag);
    FIELD("code", PyCodeObject, co_opcache_size);
#endif
#if AT(11) && !AT(12)
    FIELD("code", PyCodeObject, _co_code);
    FIELD("code", PyCodeObject, _co_linearray);
#endif
#if AT(12)
    FIELD("code", PyCodeObject, _co_cached);
    FIELD("code", PyCodeObject, _co_monitoring);
    SIZE("co_cached", _PyCoCached);
    FIELD("co_cached", _PyCoCached, _co_code);
    FIELD("co_cached", _PyCoCached, _co_varnames);
    FIELD("co_cached", _PyCoCached, _co_cellvars);
    FIELD("co_cached", _PyCoCached, _co_freevars);
#endif
#if AT(13)
    FIELD("code", PyCodeObject, co_executors);
    SIZE("executors", _PyExecutorArray);
    FIELD("executors", _PyExecutorArray, size);
    FIELD("executors", _PyExecutorArray, executors);
#endif
}

static void dict(void)
{
    SIZE("dict", PyDictObject);
    FIELD("dict", PyDictObject, ma_used);
    FIELD("dict", PyDictObject, ma_keys);
    FIELD("dict", PyDictObject, ma_values);
}

#if AT(11)
static void dict_keys(void)
{
    SIZE("keys", PyDictKeysObject);
    FIELD("keys", PyDictKeysObject, dk_refcnt);
    FIELD("keys", PyDictKeysObject, dk_log2_size);
    FIELD("keys", PyDictKeysObject, dk_log2_index_bytes);
    FIELD("keys", PyDictKeysObject, dk_kind);
    FIELD("keys", PyDictKeysObject, dk_version);
    FIELD("keys", PyDictKeysObject, dk_usable);
    FIELD("keys", PyDictKeysObject, dk_nentries);
    FIELD("keys", PyDictKeysObject, dk_indices);
    NUMBER("keys.kind_general", DICT_KEYS_GENERAL);
    NUMBER("keys.kind_unicode", DICT_KEYS_UNICODE);
    NUMBER("keys.kind_split", DICT_KEYS_SPLIT);
    SIZE("entry", PyDictKeyEntry);
    FIELD("entry", PyDictKeyEntry, me_hash);
    FIELD("entry", PyDictKeyEntry, me_key);
    FIELD("entry", PyDictKeyEntry, me_value);
    SIZE("unicode_entry", PyDictUnicodeEntry);
    FIELD("unicode_entry", PyDictUnicodeEntry, me_key);
    FIELD("unicode_entry", PyDictUnicodeEntry, me_value);
    FIELD("values", PyDictValues, values);
#if AT(13)
    FIELD("values", PyDictValues, capacity);
    FIELD("values", PyDictValues, size);
    FIELD("values", PyDictValues, embedded);
    FIELD("values", PyDictValues, valid);
#else
    /* Bytes before the array, see the comment above _PyDictValues_SetSize: not a struct. */
    NUMBER("values.prefix_size", -1);
    NUMBER("values.size", -2);
#endif
}
#else
/* Private to Objects/dict-common.h, which is not installed. Checked against a live dict by
 * test_layouts.py, because the compiler cannot. */
static void dict_keys(void)
{
    struct keys310 {
        Py_ssize_t dk_refcnt, dk_size;
        void *dk_lookup;
        Py_ssize_t dk_usable, dk_nentries;
        char dk_indices[];
    };
    struct entry310 { Py_hash_t me_hash; PyObject *me_key, *me_value; };
    SIZE("keys", struct keys310);
    FIELD("keys", struct keys310, dk_refcnt);
    FIELD("keys", struct keys310, dk_size);
    FIELD("keys", struct keys310, dk_lookup);
    FIELD("keys", struct keys310, dk_usable);
    FIELD("keys", struct keys310, dk_nentries);
    FIELD("keys", struct keys310, dk_indices);
    SIZE("entry", struct entry310);
    FIELD("entry", struct entry310, me_hash);
    FIELD("entry", struct entry310, me_key);
    FIELD("entry", struct entry310, me_value);
    NUMBER("values.values", 0); /* ma_values is a plain PyObject ** */
}
#endif

static void type(void)
{
    SIZE("type", PyTypeObject);
    FIELD("type", PyTypeObject, tp_name);
    FIELD("type", PyTypeObject, tp_basicsize);
    FIELD("type", PyTypeObject, tp_itemsize);
    FIELD("type", PyTypeObject, tp_dealloc);
    FIELD("type", PyTypeObject, tp_flags);
    FIELD("type", PyTypeObject, tp_traverse);
    FIELD("type", PyTypeObject, tp_clear);
    FIELD("type", PyTypeObject, tp_weaklistoffset);
    FIELD("type", PyTypeObject, tp_base);
    FIELD("type", PyTypeObject, tp_dict);
    FIELD("type", PyTypeObject, tp_dictoffset);
    FIELD("type", PyTypeObject, tp_free);
    FIELD("type", PyTypeObject, tp_is_gc);
    FIELD("type", PyTypeObject, tp_bases);
    FIELD("type", PyTypeObject, tp_mro);
    FIELD("type", PyTypeObject, tp_cache);
    FIELD("type", PyTypeObject, tp_subclasses);
    FIELD("type", PyTypeObject, tp_weaklist);
    FIELD("type", PyTypeObject, tp_version_tag);
#if AT(12)
    FIELD("type", PyTypeObject, tp_watched);
#endif
#if AT(13)
    FIELD("type", PyTypeObject, tp_versions_used);
#endif
    SIZE("heaptype", PyHeapTypeObject);
    FIELD("heaptype", PyHeapTypeObject, ht_name);
    FIELD("heaptype", PyHeapTypeObject, ht_slots);
    FIELD("heaptype", PyHeapTypeObject, ht_qualname);
    FIELD("heaptype", PyHeapTypeObject, ht_cached_keys);
    FIELD("heaptype", PyHeapTypeObject, ht_module);
#if AT(11)
    FIELD("heaptype", PyHeapTypeObject, _ht_tpname);
    FIELD("heaptype", PyHeapTypeObject, _spec_cache);
    FIELD("heaptype", PyHeapTypeObject, _spec_cache.getitem);
#endif
#if AT(13)
    FIELD("heaptype", PyHeapTypeObject, _spec_cache.init);
#endif
#if AT(14)
    FIELD("heaptype", PyHeapTypeObject, ht_token);
#endif
#if AT(11)
    NUMBER("flags.managed_dict", Py_TPFLAGS_MANAGED_DICT);
#  ifdef MANAGED_DICT_OFFSET
    NUMBER("managed.dict_offset", MANAGED_DICT_OFFSET);
#  else /* 3.12: _PyObject_DictOrValuesPointer reads ((PyDictOrValues *)obj)[-3] */
    NUMBER("managed.dict_offset", -3 * (int)sizeof(PyDictOrValues));
#  endif
#endif
#if AT(12)
    NUMBER("flags.managed_weakref", Py_TPFLAGS_MANAGED_WEAKREF);
    NUMBER("managed.weakref_offset", MANAGED_WEAKREF_OFFSET);
#endif
#if AT(13)
    NUMBER("flags.inline_values", Py_TPFLAGS_INLINE_VALUES);
#endif
}

static void module_and_descriptor(void)
{
    SIZE("module", PyModuleObject);
    FIELD("module", PyModuleObject, md_dict);
    FIELD("module", PyModuleObject, md_state);
    FIELD("module", PyModuleObject, md_weaklist);
    FIELD("module", PyModuleObject, md_name);
#if AT(15)
    FIELD("module", PyModuleObject, md_token_is_def);
    FIELD("module", PyModuleObject, md_token);
    FIELD("module", PyModuleObject, md_state_size);
    FIELD("module", PyModuleObject, md_state_traverse);
    FIELD("module", PyModuleObject, md_state_clear);
    FIELD("module", PyModuleObject, md_state_free);
#else
    FIELD("module", PyModuleObject, md_def);
#endif
    FIELD("weakref", PyWeakReference, wr_next);
    SIZE("descr", PyDescrObject);
    FIELD("descr", PyDescrObject, d_type);
    FIELD("descr", PyDescrObject, d_name);
    FIELD("descr", PyDescrObject, d_qualname);
    FIELD("function", PyFunctionObject, func_code);
    FIELD("function", PyFunctionObject, func_globals);
    FIELD("function", PyFunctionObject, func_builtins);
}

int main(void)
{
    NUMBER("version", PY_VERSION_HEX);
    object_heads();
    code_object();
    dict();
    dict_keys();
    type();
    module_and_descriptor();
    execution();
    return 0;
}
