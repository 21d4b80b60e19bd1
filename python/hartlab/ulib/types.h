// The short integer names that xv6's sources use.
// Built from the compiler's own macros, so no other header is needed.
#ifndef ULIB_TYPES_H
#define ULIB_TYPES_H

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;

typedef __UINT8_TYPE__ uint8;
typedef __UINT16_TYPE__ uint16;
typedef __UINT32_TYPE__ uint32;
typedef __UINT64_TYPE__ uint64;

#endif
