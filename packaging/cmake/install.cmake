# What `cmake --install` puts into a prefix. Included when all rooms are known.
#
# Components: `bin` (programs, manual pages, completions), `lib` (the shared library, which shows the
# functions of skein.h), `dev` (headers, archive, CMake and pkg-config files).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

# Collects the rooms that a library stands on, and the libraries of others. A library that was found as
# a file is written by its name, because a path of this machine is of no use on another.
function(skein_gather library)
    get_property(seen GLOBAL PROPERTY SKEIN_GATHERED)
    if(library IN_LIST seen)
        return()
    endif()
    set_property(GLOBAL APPEND PROPERTY SKEIN_GATHERED ${library})
    if(NOT library MATCHES "^skein_")
        string(REGEX REPLACE "^/.*/lib([^/]+)[.](so|a)$" "\\1" library ${library})
        set_property(GLOBAL APPEND PROPERTY SKEIN_FOREIGN ${library})
        return()
    endif()
    get_target_property(type ${library} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
        set_property(GLOBAL APPEND PROPERTY SKEIN_OBJECTS $<TARGET_OBJECTS:${library}>)
    endif()
    get_target_property(needed ${library} INTERFACE_LINK_LIBRARIES)
    foreach(other IN LISTS needed)
        # Private libraries come as $<LINK_ONLY:…>: they are linked, too. Our flags are not, nor what is
        # headers alone.
        string(REGEX REPLACE "^[$]<LINK_ONLY:(.+)>$" "\\1" other "${other}")
        if(other AND NOT other MATCHES "^(skein_flags|nlohmann_json::nlohmann_json)$")
            skein_gather(${other})
        endif()
    endforeach()
endfunction()
skein_gather(skein_job_run)
get_property(objects GLOBAL PROPERTY SKEIN_OBJECTS)
get_property(foreign GLOBAL PROPERTY SKEIN_FOREIGN)

# One archive of all rooms, whose objects are compiled once, for the program, the tests and here.
add_library(skein_static STATIC ${objects})
target_link_libraries(skein_static PUBLIC ${foreign})
target_compile_features(skein_static INTERFACE cxx_std_20)
target_include_directories(skein_static INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(skein_static PROPERTIES OUTPUT_NAME skein EXPORT_NAME skein LINKER_LANGUAGE CXX)

# For C++ an archive, for C and all other languages a shared library.
set_target_properties(skein_shared PROPERTIES EXPORT_NAME c)
target_include_directories(skein_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(
    TARGETS skein_static skein_shared
    EXPORT skein
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib NAMELINK_COMPONENT dev
)
install(
    EXPORT skein
    FILE skein.cmake
    NAMESPACE skein::
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/skein
    COMPONENT dev
)
install(
    DIRECTORY ${PROJECT_SOURCE_DIR}/include/skein
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT dev
    FILES_MATCHING
    PATTERN "*.h"
    PATTERN "*.hpp"
)

# find_package(skein), and pkg-config.
configure_file(${packaging}/cmake/skeinConfig.cmake.in packaging/skeinConfig.cmake @ONLY)
write_basic_package_version_file(
    ${CMAKE_CURRENT_BINARY_DIR}/packaging/skeinConfigVersion.cmake COMPATIBILITY SameMinorVersion
)
file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" up "${up}")
configure_file(${packaging}/cmake/skein.pc.in packaging/skein.pc @ONLY)
configure_file(${packaging}/cmake/skein-cpp.pc.in packaging/skein-cpp.pc @ONLY)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/packaging/skeinConfig.cmake
          ${CMAKE_CURRENT_BINARY_DIR}/packaging/skeinConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/skein
    COMPONENT dev
)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/packaging/skein.pc
          ${CMAKE_CURRENT_BINARY_DIR}/packaging/skein-cpp.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT dev
)

# The programs, and what a shell and `man` know of them.
install(TARGETS skein skein-mock RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT bin)
install(FILES ${packaging}/man/skein.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT bin)
install(FILES ${packaging}/man/skein-job.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT bin)
set(completions ${CMAKE_CURRENT_BINARY_DIR}/completions)
file(MAKE_DIRECTORY ${completions})
add_custom_command(
    OUTPUT ${completions}/skein ${completions}/_skein ${completions}/skein.fish
    COMMAND skein completion bash > ${completions}/skein
    COMMAND skein completion zsh > ${completions}/_skein
    COMMAND skein completion fish > ${completions}/skein.fish
    DEPENDS skein
)
add_custom_target(
    skein_completions ALL DEPENDS ${completions}/skein ${completions}/_skein ${completions}/skein.fish
)
install(
    FILES ${completions}/skein
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT bin
)
install(
    FILES ${completions}/_skein
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
    COMPONENT bin
)
install(
    FILES ${completions}/skein.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
    COMPONENT bin
)

# Packages for Debian and its like: scripts/package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the maintainers of skein")
set(CPACK_PACKAGE_VENDOR skein)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL bin lib dev)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_BIN_PACKAGE_NAME skein)
set(CPACK_DEBIAN_BIN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_BIN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_BIN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_COMPONENT_BIN_DESCRIPTION
    "concurrent client of large-language-model APIs\n Sends thousands of requests to LLM APIs from a job file: in order, journaled, counted to the request."
)
set(CPACK_DEBIAN_LIB_PACKAGE_NAME libskein0)
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIB_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_LIB_DESCRIPTION
    "concurrent client of large-language-model APIs (shared library)\n The functions of skein.h, for C and other languages."
)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libskein-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
string(
    JOIN ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libskein0 (= ${PROJECT_VERSION})" libboost1.81-dev libcsv-dev libcurl4-openssl-dev libre2-dev
    libsimdjson-dev libyaml-cpp-dev libzstd-dev zlib1g-dev
)
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "concurrent client of large-language-model APIs (C++ library)\n Headers and archive of the library that skein is made of."
)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
include(CPack)
