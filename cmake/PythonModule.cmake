# The extension module hartlab._engine, and a package folder in the build tree that runs without installing.

# A build by scikit-build-core says which Python it is for; a plain `cmake --preset dev` takes .venv's.
set(venv_python "${CMAKE_CURRENT_SOURCE_DIR}/.venv/bin/python")
if(NOT DEFINED Python_EXECUTABLE AND NOT DEFINED SKBUILD AND EXISTS "${venv_python}")
  set(Python_EXECUTABLE "${venv_python}")
endif()
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)

if(NOT pybind11_DIR)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir
    OUTPUT_VARIABLE pybind11_DIR OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE no_pybind11 ERROR_QUIET)
  if(no_pybind11)
    message(FATAL_ERROR "${Python_EXECUTABLE} has no pybind11. `make venv` makes an environment that has it.")
  endif()
endif()
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 3.0 CONFIG REQUIRED)

file(GLOB_RECURSE binding_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/bindings/*.cpp")
pybind11_add_module(_engine MODULE NO_EXTRAS ${binding_sources})
target_link_libraries(_engine PRIVATE hartlab_inspect)
# Glue that is called once for each Python call: it gains nothing from -O3, and is most of the time that a build takes.
target_compile_options(_engine PRIVATE $<$<CONFIG:Release>:-O1>)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT HARTLAB_SANITIZE AND NOT HARTLAB_COVERAGE)
  pybind11_strip(_engine)
endif()
install(TARGETS _engine DESTINATION hartlab COMPONENT python)

# PYTHONPATH=<build folder>/python imports the Python sources as they are, with this build's engine.
set(tree "${CMAKE_CURRENT_BINARY_DIR}/python/hartlab")
set_target_properties(_engine PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${tree}")
configure_file("${CMAKE_CURRENT_SOURCE_DIR}/cmake/tree_init.py.in" "${tree}/__init__.py" @ONLY)

# The handouts of the labs are notebooks of the course: an installed lab has its own beside it.
file(GLOB lab_settings CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/python/hartlab/labs/*/lab.toml")
foreach(settings IN LISTS lab_settings)
  file(STRINGS "${settings}" handout REGEX "^handout = ")
  if(handout MATCHES "\"([^\"]+)\"")
    set(notebook "${CMAKE_MATCH_1}")
    get_filename_component(lab "${settings}" DIRECTORY)
    get_filename_component(name "${lab}" NAME)
    install(FILES "${lab}/${notebook}" DESTINATION "hartlab/labs/${name}" RENAME handout.ipynb COMPONENT python)
  endif()
endforeach()
