// Listens on every interface of its network namespace, as root can, and prints the text that passes by.
//
// A packet socket is bound to a network namespace, as every socket is: in a namespace of its own, a process finds no
// interface there that carries another's packets.
#include <arpa/inet.h>
#include <ctype.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  int socket_ = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
  if (socket_ < 0) return 1;
  setvbuf(stdout, NULL, _IONBF, 0);
  puts("listening");
  for (;;) {
    unsigned char packet[65536];
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(socket_, packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
    if (length < 0) return 1;
    if (from.sll_pkttype == PACKET_OUTGOING) continue; // on lo, each comes in as well
    char name[IF_NAMESIZE] = "?";
    if_indextoname(from.sll_ifindex, name);
    for (ssize_t i = 0, start = 0; i <= length; i++)
      if (i == length || !isprint(packet[i])) {
        if (i - start >= 8) printf("%s: %.*s\n", name, (int)(i - start), packet + start);
        start = i + 1;
      }
  }
}
