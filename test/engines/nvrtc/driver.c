// A stand-in for NVIDIA's driver on a machine without a GPU: a GPU of the compute capability in N2UQ_TEST_CC, such as 90.
// It prints what it is asked to load.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cuInit(unsigned flags) { return flags != 0; }
/** NVRTC asks for tables of a real driver. */
int cuGetExportTable(const void **table, const void *id) { return *table = NULL, id == NULL ? 1 : 500; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  const int capability = atoi(getenv("N2UQ_TEST_CC"));
  return *value = attribute == 75 ? capability / 10 : capability % 10, device != 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) { return *context = &cuInit, device != 0; }
int cuCtxSetCurrent(void *context) { return context == NULL; }
int cuGetErrorString(int error, const char **text) { return *text = "an error", error < 0; }
int cuModuleLoadData(void **module, const char *image) {
  *module = &cuInit;
  if (memcmp(image, "\177ELF", 4) == 0) return puts("machine code"), 0;
  return fputs(image, stdout), 0;
}
