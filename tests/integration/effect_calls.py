"""How functions of the C API can be called without knowing them: one line each.

Words stand for fresh arguments: `obj` an object, `list` one of two objects, `new` a list of two empty places,
`dict`, `tuple`, `set`, `str`, `bytes`, `array` a bytearray, `int`, `float`, `slice`, `type` a class, `module`, `func`
a function, `iter` an iterator, `exc` an exception, and so on; `null`, a number, `'text'`. Those of `SHARED` are not
looked at: the whole process counts them.
"""

CALLS = """
PyObject_Repr obj
PyObject_Str obj
PyObject_ASCII obj
PyObject_Bytes bytes
PyObject_Type obj
PyObject_Dir obj
PyObject_Hash obj
PyObject_IsTrue obj
PyObject_Not obj
PyObject_Size list
PyObject_Length list
PyObject_GetAttr obj name
PyObject_GetAttrString obj '__class__'
PyObject_SetAttr obj name obj
PyObject_SetAttrString obj 'here' obj
PyObject_HasAttr obj name
PyObject_HasAttrString obj 'here'
PyObject_GenericGetAttr obj name
PyObject_GenericSetAttr obj name obj
PyObject_RichCompare obj obj 2
PyObject_RichCompareBool obj obj 2
PyObject_IsInstance obj type
PyObject_IsSubclass type type
PyObject_GetItem list zero
PyObject_SetItem dict obj obj
PyObject_DelItem dict key
PyObject_CallObject func null
PyObject_CallNoArgs func
PyObject_Format str null
PyObject_LengthHint list 0
PyObject_SelfIter obj
PyCallable_Check func
PyCallable_Check obj
PyList_New 3
PyList_Size list
PyList_GetItem list 0
PyList_SetItem new 0 obj
PyList_Insert list 0 obj
PyList_Append list obj
PyList_GetSlice list 0 1
PyList_SetSlice list 0 1 list
PyList_Sort ints
PyList_Reverse list
PyList_AsTuple list
PyTuple_New 2
PyTuple_Size tuple
PyTuple_GetItem tuple 0
PyTuple_GetSlice tuple 0 1
PyTuple_Pack 2 obj obj
PyDict_New
PyDict_Size dict
PyDict_Copy dict
PyDict_Clear dict
PyDict_Contains dict obj
PyDict_SetItem dict obj obj
PyDict_SetItemString dict 'here' obj
PyDict_GetItem dict key
PyDict_GetItemWithError dict key
PyDict_GetItemString dict 'k'
PyDict_DelItem dict key
PyDict_DelItemString dict 'k'
PyDict_Items dict
PyDict_Keys dict
PyDict_Values dict
PyDict_Merge dict dict 1
PyDict_Update dict dict
PyDict_MergeFromSeq2 dict pairs 1
PyDictProxy_New dict
PySet_New list
PyFrozenSet_New list
PySet_Size set
PySet_Contains set obj
PySet_Add set obj
PySet_Discard set obj
PySet_Pop set
PySet_Clear set
PySequence_Check list
PySequence_Size list
PySequence_Length list
PySequence_Concat list list
PySequence_Repeat list 2
PySequence_InPlaceConcat list list
PySequence_InPlaceRepeat list 2
PySequence_GetItem list 0
PySequence_SetItem list 0 obj
PySequence_DelItem list 0
PySequence_GetSlice list 0 1
PySequence_SetSlice list 0 1 list
PySequence_DelSlice list 0 1
PySequence_Count list obj
PySequence_Contains list obj
PySequence_List tuple
PySequence_Tuple list
PySequence_Fast list 'no'
PySequence_Fast tuple 'no'
PyMapping_Check dict
PyMapping_Size dict
PyMapping_Length dict
PyMapping_HasKey dict key
PyMapping_HasKeyString dict 'k'
PyMapping_Keys dict
PyMapping_Values dict
PyMapping_Items dict
PyMapping_GetItemString dict 'k'
PyMapping_SetItemString dict 'here' obj
PyNumber_Check int
PyNumber_Add int int
PyNumber_Subtract int int
PyNumber_Multiply int int
PyNumber_MatrixMultiply mat mat
PyNumber_FloorDivide int int
PyNumber_TrueDivide int int
PyNumber_Remainder int int
PyNumber_Divmod int int
PyNumber_Power int zero none
PyNumber_Negative int
PyNumber_Positive int
PyNumber_Absolute int
PyNumber_Invert int
PyNumber_Lshift int zero
PyNumber_Rshift int zero
PyNumber_And int int
PyNumber_Xor int int
PyNumber_Or int int
PyNumber_InPlaceAdd int int
PyNumber_InPlaceSubtract int int
PyNumber_InPlaceMultiply int int
PyNumber_InPlaceFloorDivide int int
PyNumber_InPlaceTrueDivide int int
PyNumber_InPlaceRemainder int int
PyNumber_InPlacePower int zero none
PyNumber_InPlaceLshift int zero
PyNumber_InPlaceRshift int zero
PyNumber_InPlaceAnd int int
PyNumber_InPlaceXor int int
PyNumber_InPlaceOr int int
PyNumber_Long float
PyNumber_Float int
PyNumber_Index int
PyNumber_ToBase int 16
PyNumber_AsSsize_t int null
PyIndex_Check int
PyIter_Check iter
PyIter_Next iter
PyObject_GetIter dict
PySeqIter_New list
PyCallIter_New func obj
PySlice_New obj obj obj
PyLong_FromLong 123456
PyLong_FromUnsignedLong 123456
PyLong_FromSsize_t 123456
PyLong_FromSize_t 123456
PyLong_FromLongLong 123456
PyLong_FromUnsignedLongLong 123456
PyLong_FromVoidPtr 123456
PyLong_FromString '123456' null 10
PyLong_FromUnicodeObject digits 10
PyLong_AsLong int
PyLong_AsLongLong int
PyLong_AsUnsignedLongMask int
PyLong_AsUnsignedLongLongMask int
PyLong_AsVoidPtr int
PyFloat_FromString digits
PyBool_FromLong 1
PyComplex_RealAsDouble float
PyBytes_FromString 'textofbytes'
PyBytes_FromStringAndSize 'textofbytes' 5
PyBytes_FromObject array
PyBytes_Size bytes
PyBytes_AsString bytes
PyByteArray_FromObject bytes
PyByteArray_FromStringAndSize 'text' 4
PyByteArray_Concat array array
PyByteArray_Size array
PyByteArray_AsString array
PyByteArray_Resize array 20
PyUnicode_FromString 'atext'
PyUnicode_FromStringAndSize 'atext' 5
PyUnicode_InternFromString 'atextthatisnew'
PyUnicode_FromObject str
PyUnicode_FromEncodedObject bytes 'utf-8' 'strict'
PyUnicode_FromOrdinal 9731
PyUnicode_DecodeUTF8 'text!' 5 'strict'
PyUnicode_DecodeLatin1 'text!' 5 'strict'
PyUnicode_DecodeASCII 'text!' 5 'strict'
PyUnicode_DecodeFSDefault 'text!'
PyUnicode_DecodeLocale 'text!' 'strict'
PyUnicode_Decode 'text!' 5 'utf-8' 'strict'
PyUnicode_AsEncodedString str 'utf-8' 'strict'
PyUnicode_AsUTF8String str
PyUnicode_AsLatin1String str
PyUnicode_AsASCIIString str
PyUnicode_AsUTF16String str
PyUnicode_AsUTF32String str
PyUnicode_AsUnicodeEscapeString str
PyUnicode_AsRawUnicodeEscapeString str
PyUnicode_EncodeFSDefault str
PyUnicode_EncodeLocale str 'strict'
PyUnicode_Concat str str
PyUnicode_Split str null -1
PyUnicode_Splitlines lines 0
PyUnicode_Partition lines break
PyUnicode_RPartition lines break
PyUnicode_RSplit str null -1
PyUnicode_Join str strs
PyUnicode_Replace str str str -1
PyUnicode_Find str str 0 5 1
PyUnicode_Count str str 0 5
PyUnicode_Tailmatch str str 0 5 1
PyUnicode_FindChar str 97 0 5 1
PyUnicode_Compare str str
PyUnicode_CompareWithASCIIString str 'text'
PyUnicode_RichCompare str str 2
PyUnicode_Contains str str
PyUnicode_Format str none
PyUnicode_Substring str 1 3
PyUnicode_GetLength str
PyUnicode_ReadChar str 0
PyUnicode_IsIdentifier str
PyUnicode_AsUTF8 str
PyUnicode_New 5 127
PyType_GetName type
PyType_GetQualName type
PyType_GetFlags type
PyType_GetSlot type 53
PyType_IsSubtype type type
PyType_Modified type
PyType_GenericAlloc type 0
PyType_GenericNew type null null
_PyObject_New plain
PyModule_New 'name'
PyModule_NewObject str
PyModule_GetDict module
PyModule_GetName module
PyModule_GetNameObject module
PyModule_SetDocString module 'doc'
PyModule_GetState module
PyModule_AddObject module 'here' obj
PyModule_AddObjectRef module 'here' obj
PyModule_AddIntConstant module 'here' 123456
PyModule_AddStringConstant module 'here' 'text'
PyModule_AddType module type
PyModule_Add module 'here' obj
PyImport_ImportModule 'json'
PyImport_Import modname
PyImport_ImportModuleNoBlock 'json'
PyImport_AddModule 'json'
PyImport_AddModuleObject modname
PyImport_GetModule modname
PyImport_GetModuleDict
PyImport_ReloadModule live
PySys_GetObject 'path'
PySys_SetObject 'refaudit_here' obj
PyEval_GetBuiltins
PyEval_GetGlobals
PyEval_GetFrame
PyEval_EvalCode code globals globals
PyErr_Occurred
PyErr_NewException 'a.B' type_exc null
PyErr_NewExceptionWithDoc 'a.B' 'doc' type_exc null
PyErr_GivenExceptionMatches exc type_exc
PyException_GetTraceback exc
PyException_GetCause exc
PyException_GetContext exc
PyException_SetCause exc exc
PyException_SetContext exc exc
PyErr_SetObject type_exc obj
PyErr_SetNone type_exc
PyErr_SetString type_exc 'text'
PyErr_Format type_exc 'text'
PyErr_Restore type_exc exc null
PyWeakref_NewRef obj func
PyWeakref_NewProxy obj func
PyWeakref_GetObject ref
PyCell_New obj
PyCell_Get cell
PyCell_Set cell obj
PyMethod_New func obj
PyMethod_Function method
PyMethod_Self method
PyInstanceMethod_New func
PyClassMethod_New func
PyStaticMethod_New func
PyFunction_New code globals
PyFunction_NewWithQualName code globals str
PyFunction_GetCode func
PyFunction_GetGlobals func
PyFunction_GetModule func
PyFunction_GetDefaults func
PyFunction_GetClosure func
PyFunction_GetAnnotations func
PyFunction_SetDefaults func tuple
PyMemoryView_FromObject array
PyMemoryView_FromMemory 'text' 4 256
PyCapsule_New 4096 null null
Py_GenericAlias obj obj
PyContext_New
PyContext_Copy context
PyContext_CopyCurrent
PyContextVar_New 'var' obj
PyContextVar_Set var obj
PyCodec_Encoder 'utf-8'
PyCodec_Decoder 'utf-8'
PyCodec_Encode str 'utf-8' 'strict'
PyCodec_Decode bytes 'utf-8' 'strict'
PyCodec_IncrementalEncoder 'utf-8' 'strict'
PyCodec_LookupError 'strict'
PyStructSequence_New structseq
PyStructSequence_SetItem struct 0 obj
PyStructSequence_GetItem struct 0
PyFile_FromFd 1 'out' 'w' -1 null null null 0
PyFile_WriteString 'text' file
PyFile_WriteObject obj file 0
PyFile_GetLine reader 0
PyObject_AsFileDescriptor int
PyOS_FSPath str
Py_NewRef obj
Py_XNewRef obj
Py_IncRef obj
Py_DecRef obj
Py_CompileString '1' 'f' 258
PyRun_StringFlags '1' 258 globals globals null
PyMarshal_WriteObjectToString str 4
PyObject_CheckBuffer array
PyList_GetItemRef list 0
PyImport_AddModuleRef 'json'
PyEval_GetFrameLocals
PyEval_GetFrameGlobals
PyEval_GetFrameBuiltins
PyType_GetFullyQualifiedName type
PyType_GetModuleName type
Py_GetConstant 0
Py_GetConstantBorrowed 0
PyThreadState_GetDict
PyTuple_SetItem tuple 0 obj
PyObject_CallOneArg func obj
PyFloat_AsDouble float
PyLong_AsSsize_t int
PyLong_AsSize_t int
PyLong_AsUnsignedLong int
PyLong_AsUnsignedLongLong int
PyLong_AsDouble int
PyUnicode_DecodeUTF7 'text!' 5 'strict'
PyUnicode_DecodeUnicodeEscape 'text!' 5 'strict'
PyCode_GetVarnames code
PyCode_GetCellvars code
PyCode_GetFreevars code
PyCode_GetCode code
PyObject_GenericGetDict obj null
PyFunction_SetAnnotations func dict
PyCode_NewEmpty 'f' 'g' 1
PySys_GetXOptions
PyFloat_GetInfo
"""
