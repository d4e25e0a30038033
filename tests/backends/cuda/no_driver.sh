# The plugin must load where there is no NVIDIA driver: it may not need libcuda.so.1, which comes
# with the driver. (Toolkits have a stub of it to link with, so that -lcuda would go unnoticed.)
plugin="$1"
[ -f "$plugin" ] || { echo "skipped: there is no $plugin"; exit 77; }
command -v readelf >/dev/null || { echo "skipped: readelf is missing (package binutils)"; exit 77; }
needs=$(readelf -d "$plugin" | grep NEEDED) || exit 1
echo "$needs"
case "$needs" in
  *libcudart*) ;;
  *) echo "it does not need libcudart: is this the plugin?"; exit 1 ;;
esac
case "$needs" in
  *libcuda.so*) echo "it needs libcuda.so: do not link -lcuda, look functions up at run time"; exit 1 ;;
esac
