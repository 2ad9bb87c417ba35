/* What a mail transport is to mogirid: a shared object that exports `mogiri_transport_plugin`. Plain C; nothing else is shared.
 *
 * mogirid loads <mail.plugins>/<mail.transport>.so and opens it once per mail worker. One opened transport is used
 * by one thread at a time, several of them by several threads at once. No function may throw, exit or keep what
 * it is given; texts that it writes end with a NUL and name neither people nor what is in the mail. */
#ifndef MOGIRI_TRANSPORT_H
#define MOGIRI_TRANSPORT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever something below changes its meaning; a plugin of another number is refused. */
#define MOGIRI_TRANSPORT_ABI 2u

/* A key of the table [mail.<transport>], its value as text. */
struct mogiri_option {
    const char *key, *value;
};

/* Addresses are checked: at most 254 bytes, without control characters, blanks, '<' and '>'. */
struct mogiri_envelope {
    const char *sender, *recipient;
    const char* message_id; /* with its angle brackets; the same in every attempt at one mail */
};

enum mogiri_outcome {
    MOGIRI_ACCEPTED = 0,  /* the mail is the next one's responsibility now, durably */
    MOGIRI_TRANSIENT = 1, /* not this time: again later, and it counts as an attempt */
    MOGIRI_PERMANENT = 2, /* never, for this mail */
    MOGIRI_UNKNOWN = 3,   /* it may have been accepted; the answer was lost */
    MOGIRI_STOPPED = 4    /* the transport takes no mail at all now (out of reach, login, quota, full disk): counts as
                             no attempt */
};

struct mogiri_result {
    enum mogiri_outcome outcome;
    int code;              /* the server's answer (250, 550), an errno, or 0 */
    unsigned retry_after;  /* seconds that the server asked for, or 0 */
    char text[256];        /* why, for the log and the outbox */
    char provider_id[128]; /* what the other side calls the mail, or empty */
};

struct mogiri_transport {
    unsigned abi; /* MOGIRI_TRANSPORT_ABI; stays the first member for ever */
    const char* name;

    /* Null, and the reason in `error`, when an option is missing, unknown or wrong. Does not touch the network. */
    void* (*open)(const struct mogiri_option* options, size_t count, char* error, size_t error_size);
    void (*close)(void* self);

    /* In seconds: no delivery takes longer. */
    unsigned (*patience)(void* self);

    /* `message`: headers and body as they go out, every line ended by CRLF. `result` comes zeroed. */
    void (*deliver)(void* self, const struct mogiri_envelope* envelope, const char* message, size_t length,
                    struct mogiri_result* result);

    /* Whether a mail could be delivered now, without delivering one: 1 or 0, and what was seen. */
    int (*probe)(void* self, char* text, size_t text_size);

    /* Takes back what the transport still keeps of a mail, whose recipient's data is erased. NULL: it keeps none. 1, also
     * when there was nothing; 0, and why, when it could not. */
    int (*forget)(void* self, const char* message_id, char* text, size_t text_size);
};

/* The one exported function. What it returns lives as long as the plugin is loaded. */
const struct mogiri_transport* mogiri_transport_plugin(void);

#ifdef __cplusplus
}
#endif

#endif
