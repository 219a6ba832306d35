// Presses a key on the terminal that is its standard input, as if the user had: TIOCSTI, ioctl_tty(2).
#include <stdio.h>
#include <sys/ioctl.h>

int main(void) {
  char key = ' ';
  if (ioctl(0, TIOCSTI, &key) == 0) puts("typed");
  return 0;
}
