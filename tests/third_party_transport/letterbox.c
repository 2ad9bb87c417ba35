/* An example of a transport that is not part of mogiri: it appends every mail to one file, in the format mbox. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/file.h>
#include <unistd.h>

#include <transport.h>

struct letterbox {
    char file[1024];
};

static void* open_letterbox(const struct mogiri_option* options, size_t count, char* error, size_t error_size) {
    const char* file = NULL;
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(options[i].key, "file") == 0) {
            file = options[i].value;
        } else {
            snprintf(error, error_size, "%s is not a key of mail.letterbox; it knows: file", options[i].key);
            return NULL;
        }
    }
    struct letterbox* self = file && *file == '/' ? calloc(1, sizeof *self) : NULL;
    if (self)
        snprintf(self->file, sizeof self->file, "%s", file);
    else
        snprintf(error, error_size, "file = \"%s\": must be the absolute path of a file", file ? file : "");
    return self;
}

static unsigned patience(void* self) {
    (void)self;
    return 20;
}

/* Lines that begin like the mark between two mails get a ">". */
static int append(FILE* box, const char* message, size_t length) {
    fprintf(box, "From mogiri Thu Jan  1 00:00:00 1970\n");
    for (const char* end = message + length; message < end;) {
        const char* next = memchr(message, '\n', (size_t)(end - message));
        const size_t line = (size_t)((next ? next + 1 : end) - message);
        if (line >= 5 && memcmp(message, "From ", 5) == 0)
            fputc('>', box);
        fwrite(message, 1, line, box);
        message += line;
    }
    fputc('\n', box);
    return fflush(box) == 0 && fsync(fileno(box)) == 0;
}

static void deliver(void* self, const struct mogiri_envelope* envelope, const char* message, size_t length,
                    struct mogiri_result* result) {
    const struct letterbox* box = self;
    FILE* file = fopen(box->file, "ab");
    const int kept = file && flock(fileno(file), LOCK_EX) == 0 && append(file, message, length);
    result->outcome = kept ? MOGIRI_ACCEPTED : MOGIRI_STOPPED;
    result->code = kept ? 250 : errno;
    snprintf(result->text, sizeof result->text, "%s", kept ? "kept" : strerror(errno));
    snprintf(result->provider_id, sizeof result->provider_id, "%.100s", envelope->message_id);
    if (file)
        fclose(file);
}

static int probe(void* self, char* text, size_t text_size) {
    const struct letterbox* box = self;
    FILE* file = fopen(box->file, "ab");
    snprintf(text, text_size, "%s: %s", box->file, file ? "takes mails" : strerror(errno));
    if (file)
        fclose(file);
    return file != NULL;
}

const struct mogiri_transport* mogiri_transport_plugin(void) {
    static const struct mogiri_transport letterbox = {
        .abi = MOGIRI_TRANSPORT_ABI, .name = "letterbox", .open = open_letterbox, .close = free, .patience = patience,
        .deliver = deliver, .probe = probe, .forget = NULL};
    return &letterbox;
}
