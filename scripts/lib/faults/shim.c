/* Makes syncs and writes below one folder fail on command, for programs that it is loaded into.
 *
 * FAULTS_FOLDER names the folder, FAULTS_ORDER a file whose content says what fails: "sync 5" (EIO), "write 28"
 * (ENOSPC), "all 5", or nothing. Only calls on descriptors of files below the folder are touched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t (*real_read)(int, void *, size_t);

static int ordered(int fd, const char *kind) {
  const char *folder = getenv("FAULTS_FOLDER"), *order = getenv("FAULTS_ORDER");
  char link[64], path[4096], text[32] = {0}, what[16] = {0};
  int error = 0, file;
  ssize_t length;
  if (!folder || !order) return 0;
  if (!real_read) real_read = dlsym(RTLD_NEXT, "read");
  file = open(order, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  length = real_read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0 || sscanf(text, "%15s %d", what, &error) != 2) return 0;
  if (strcmp(what, "all") && strcmp(what, kind)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) ? 0 : error;
}

#define SHIM(name, kind, type, arguments, call)                    \
  type name arguments {                                            \
    static type(*real) arguments;                                  \
    int error = ordered(fd, kind);                                 \
    if (error) {                                                   \
      errno = error;                                               \
      return -1;                                                   \
    }                                                              \
    if (!real) real = (type(*) arguments)dlsym(RTLD_NEXT, #name);  \
    return real call;                                              \
  }

SHIM(fsync, "sync", int, (int fd), (fd))
SHIM(fdatasync, "sync", int, (int fd), (fd))
SHIM(write, "write", ssize_t, (int fd, const void *data, size_t size), (fd, data, size))
SHIM(writev, "write", ssize_t, (int fd, const struct iovec *parts, int count), (fd, parts, count))
SHIM(pwrite, "write", ssize_t, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
SHIM(pwrite64, "write", ssize_t, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
SHIM(ftruncate, "write", int, (int fd, off_t size), (fd, size))
SHIM(ftruncate64, "write", int, (int fd, off64_t size), (fd, size))
SHIM(fallocate64, "write", int, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size))
