// Quicksort and mergesort of the same numbers: both results are sorted, equal, and a permutation of the input.
#include "check.h"

#define N 5000

static int numbers[N], first[N], second[N], scratch[N];

static void swap(int *a, int *b) {
  int old = *a;
  *a = *b;
  *b = old;
}

static void quicksort(int *a, int n) {
  while (n > 1) {
    int pivot = a[n / 2], low = 0, high = n - 1;
    while (low <= high) {
      while (a[low] < pivot)
        low++;
      while (a[high] > pivot)
        high--;
      if (low <= high)
        swap(&a[low++], &a[high--]);
    }
    // Recursion takes the smaller half, so that the stack's one page is enough for any input.
    if (high + 1 < n - low) {
      quicksort(a, high + 1);
      a += low;
      n -= low;
    } else {
      quicksort(a + low, n - low);
      n = high + 1;
    }
  }
}

static void mergesort(int *a, int n) {
  if (n < 2)
    return;
  int half = n / 2;
  mergesort(a, half);
  mergesort(a + half, n - half);
  for (int i = 0; i < n; i++)
    scratch[i] = a[i];
  for (int to = 0, left = 0, right = half; to < n; to++) {
    int take_left = right == n || (left < half && scratch[left] <= scratch[right]);
    a[to] = take_left ? scratch[left++] : scratch[right++];
  }
}

int main(void) {
  uint64 seed = 42, before = 0, after = 0, checksum = 0;
  for (int i = 0; i < N; i++) {
    numbers[i] = (int)(next_random(&seed) % 2001) - 1000;
    first[i] = second[i] = numbers[i];
    before += (uint64)numbers[i] * (uint64)numbers[i];
  }

  quicksort(first, N);
  mergesort(second, N);

  for (int i = 0; i < N; i++) {
    CHECK(i == 0 || first[i - 1] <= first[i]);
    CHECK(first[i] == second[i]);
    after += (uint64)first[i] * (uint64)first[i];
    checksum = mix(checksum, (uint64)first[i]);
  }
  CHECK(before == after);
  printf("sorting: %d numbers from %d to %d, checksum %lx\n", N, first[0], first[N - 1], checksum);
}
