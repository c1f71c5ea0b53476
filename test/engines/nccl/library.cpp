// A stand-in for NCCL on a machine without a GPU: collectives in the CPU's memory, over a socket in the folder
// N2UQ_TEST_NCCL, where each process writes its calls. As in NCCL, a started collective runs in the background, and a
// lost rank is reported by ncclCommGetAsyncError. The call that N2UQ_TEST_NCCL_FAILS names fails.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

enum Status { SUCCESS, CUDA_ERROR, SYSTEM_ERROR, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_USAGE, REMOTE_ERROR, IN_PROGRESS };

struct UniqueId {
  char bytes[128];
};

std::string folder() { return getenv("N2UQ_TEST_NCCL"); }

/** Writes a call down. */
int called(const char* name, const std::string& details = "") {
  FILE* const log = fopen((folder() + "/calls-" + std::to_string(getpid())).c_str(), "a");
  fprintf(log, "%s%s\n", name, details.c_str());
  fclose(log);
  const char* const fails = getenv("N2UQ_TEST_NCCL_FAILS");
  return fails != nullptr && strcmp(fails, name) == 0 ? CUDA_ERROR : SUCCESS;
}

sockaddr_un addressOf(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

void sendAll(int socket, const void* data, size_t bytes) {
  for (const char* at = static_cast<const char*>(data); bytes > 0;) {
    const ssize_t sent = send(socket, at, bytes, MSG_NOSIGNAL);
    if (sent <= 0) throw REMOTE_ERROR;
    at += sent, bytes -= static_cast<size_t>(sent);
  }
}

void receiveAll(int socket, void* data, size_t bytes) {
  for (char* at = static_cast<char*>(data); bytes > 0;) {
    const ssize_t received = recv(socket, at, bytes, 0);
    if (received <= 0) throw REMOTE_ERROR;
    at += received, bytes -= static_cast<size_t>(received);
  }
}

template <typename Value>
void addTo(void* sums, const void* values, size_t count) {
  for (size_t i = 0; i < count; i++) static_cast<Value*>(sums)[i] += static_cast<const Value*>(values)[i];
}

int listening = -1;

/** Rank 0 is connected to all other ranks, which are connected to rank 0 only. */
struct Communicator {
  int rank;
  std::vector<int> sockets;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  int status = SUCCESS, unfinished = 0;
  bool ended = false;
  std::thread worker{[this] { work(); }};

  void work() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return ended || !waiting.empty(); });
      if (ended) return;
      const auto next = waiting.front();
      waiting.pop_front();
      lock.unlock();
      int result = SUCCESS;
      try {
        next();
      } catch (Status error) {
        result = error;
      }
      lock.lock();
      if (result != SUCCESS) status = result;
      unfinished -= 1;
    }
  }

  void start(std::function<void()> job) {
    const std::lock_guard<std::mutex> lock(mutex);
    waiting.push_back(std::move(job));
    unfinished += 1;
    changed.notify_one();
  }

  void end() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ended = true;
      for (const int socket : sockets) shutdown(socket, SHUT_RDWR);
      changed.notify_one();
    }
    worker.join();
    for (const int socket : sockets) close(socket);
    delete this;
  }
};

std::string listed(size_t count, int type) { return " " + std::to_string(count) + " of type " + std::to_string(type); }

}  // namespace

extern "C" {

int ncclGetUniqueId(UniqueId* id) {
  const std::string path = folder() + "/socket";
  snprintf(id->bytes, sizeof id->bytes, "%s", path.c_str());
  listening = socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = addressOf(id->bytes);
  if (bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return SYSTEM_ERROR;
  listen(listening, 64);
  return called("ncclGetUniqueId");
}

int ncclCommInitRank(Communicator** made, int world, UniqueId id, int rank) {
  auto* const all = new Communicator{rank};
  if (rank == 0) {
    for (int other = 1; other < world; other++) all->sockets.push_back(accept(listening, nullptr, nullptr));
    close(listening);
    unlink(id.bytes);
  } else {
    all->sockets.push_back(socket(AF_UNIX, SOCK_STREAM, 0));
    const sockaddr_un address = addressOf(id.bytes);
    if (connect(all->sockets[0], reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return SYSTEM_ERROR;
  }
  *made = all;
  return called("ncclCommInitRank", " " + std::to_string(rank) + " of " + std::to_string(world));
}

int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, Communicator* all, void* stream) {
  if ((type != 2 && type != 7) || operation != 0 || stream != nullptr || from != to) return INVALID_ARGUMENT;
  if (called("ncclAllReduce", listed(count, type)) != SUCCESS) return CUDA_ERROR;
  all->start([=] {
    const size_t bytes = 4 * count;
    if (all->rank == 0) {
      std::vector<char> values(bytes);
      for (const int socket : all->sockets) {
        receiveAll(socket, values.data(), bytes);
        if (type == 2) addTo<int>(to, values.data(), count);
        else addTo<float>(to, values.data(), count);
      }
      for (const int socket : all->sockets) sendAll(socket, to, bytes);
    } else {
      sendAll(all->sockets[0], from, bytes);
      receiveAll(all->sockets[0], to, bytes);
    }
  });
  return SUCCESS;
}

int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, Communicator* all, void* stream) {
  if ((type != 2 && type != 7) || root != 0 || stream != nullptr) return INVALID_ARGUMENT;
  if (called("ncclBroadcast", listed(count, type)) != SUCCESS) return CUDA_ERROR;
  all->start([=] {
    if (all->rank != 0) receiveAll(all->sockets[0], to, 4 * count);
    else
      for (const int socket : all->sockets) sendAll(socket, from, 4 * count);
  });
  return SUCCESS;
}

int ncclCommGetAsyncError(Communicator* all, int* status) {
  const std::lock_guard<std::mutex> lock(all->mutex);
  *status = all->status != SUCCESS ? all->status : all->unfinished > 0 ? IN_PROGRESS : SUCCESS;
  return SUCCESS;
}

const char* ncclGetErrorString(int status) {
  const char* const texts[] = {"no error", "unhandled cuda error", "unhandled system error", "internal error",
                               "invalid argument", "invalid usage", "remote process exited", "in progress"};
  return texts[status];
}

int ncclCommDestroy(Communicator* all) {
  all->end();
  return called("ncclCommDestroy");
}

int ncclCommAbort(Communicator* all) {
  all->end();
  return called("ncclCommAbort");
}

}  // extern "C"
