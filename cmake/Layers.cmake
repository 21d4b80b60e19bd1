# hartlab_layer(NAME USES LAYER...): the target hartlab_NAME, made of every .cpp under src/NAME.
#
# A folder of headers alone (or one that does not exist yet) becomes an INTERFACE target. A target links
# to the layers it names and, through them, to those above; never to one below it.
# tools/check_layers.py holds the #include lines to the same order.
function(hartlab_layer name)
  cmake_parse_arguments(layer "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/*.cpp")
  list(TRANSFORM layer_USES PREPEND "hartlab_")

  if(sources)
    add_library(hartlab_${name} STATIC ${sources})
    target_link_libraries(hartlab_${name} PUBLIC hartlab_options ${layer_USES})
  else()
    add_library(hartlab_${name} INTERFACE)
    target_link_libraries(hartlab_${name} INTERFACE hartlab_options ${layer_USES})
  endif()
endfunction()
