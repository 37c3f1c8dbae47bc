# Finds a Python that is new enough and hands it the door's name and arguments.
door=$1
shift
for python in python3 python3.11 python3.12 python3.13; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exec "$python" "$(dirname -- "$0")/__main__.py" "$door" "$@"
  fi
done
echo "需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed (Debian 12: apt install python3 python3-venv)" >&2
exit 3
