# `cmake --install` and `cpack`: the program, its units, user and folders for systemd, settings to begin with, and the manual.
include(GNUInstallDirs)

set(package ${CMAKE_CURRENT_SOURCE_DIR}/app/package)
# The unit names the program, whose folder is known when it is installed: cpack's is another than cmake --install's.
install(CODE "
  set(BINDIR \${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR})
  set(DOCDIR \${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR})
  configure_file(${package}/postern.service.in ${CMAKE_BINARY_DIR}/package/postern.service @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/package/postern.service ${package}/postern.socket DESTINATION lib/systemd/system)
install(FILES ${package}/postern.sysusers DESTINATION lib/sysusers.d RENAME postern.conf)
install(FILES ${package}/postern.tmpfiles DESTINATION lib/tmpfiles.d RENAME postern.conf)
install(FILES ${package}/postern.conf DESTINATION /etc/postern)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # /etc is outside of the prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The Postern authors <postern@localhost>")
set(CPACK_PACKAGE_DESCRIPTION "Receives, submits and relays mail, keeps it in SQLite or PostgreSQL, and serves it over HTTP as JSON and as a page.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS postgresql)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package}/postinst ${package}/prerm ${package}/postrm ${package}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
