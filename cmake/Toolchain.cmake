# Language level, warnings, sanitizers and ccache, for every target of the project.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # computed goto and 128-bit integers
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()

find_program(HARTLAB_CCACHE ccache)
if(HARTLAB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HARTLAB_CCACHE}")
endif()

# On Windows it is clang-cl (cmake -T ClangCL), since Visual C++ has neither of those extensions.
if(CMAKE_CXX_COMPILER_ID STREQUAL "MSVC")
  message(FATAL_ERROR "hartlab needs GCC or Clang; on Windows, clang-cl: cmake -T ClangCL, or CMAKE_GENERATOR_TOOLSET=ClangCL")
endif()

# Flags that every layer is compiled with. -ffp-contract=off: the same floating-point results on every host, no fused
# multiply-add that the source does not ask for.
add_library(hartlab_options INTERFACE)
target_include_directories(hartlab_options INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/src")
if(CMAKE_CXX_COMPILER_FRONTEND_VARIANT STREQUAL "MSVC")
  target_compile_options(hartlab_options INTERFACE /W3 /EHsc /clang:-ffp-contract=off $<$<BOOL:${HARTLAB_WERROR}>:/WX>)
else()
  target_compile_options(hartlab_options INTERFACE
    -Wall -Wextra -ffp-contract=off
    $<$<BOOL:${HARTLAB_WERROR}>:-Werror>
    $<$<PLATFORM_ID:Linux>:-fno-plt>)
endif()

if(HARTLAB_SANITIZE)
  set(sanitize -fsanitize=${HARTLAB_SANITIZE} -fno-omit-frame-pointer)
  if(HARTLAB_SANITIZE MATCHES "undefined")
    list(APPEND sanitize -fno-sanitize-recover=undefined) # a report must fail the test that provoked it
  endif()
  target_compile_options(hartlab_options INTERFACE ${sanitize})
  target_link_options(hartlab_options INTERFACE ${sanitize})
endif()

if(HARTLAB_COVERAGE)
  target_compile_options(hartlab_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(hartlab_options INTERFACE --coverage)
endif()

# Checks of the standard library's containers, wherever assertions are on.
target_compile_definitions(hartlab_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(HARTLAB_LTO)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
