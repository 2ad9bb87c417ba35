/* The three names by which nginx finds the module in the shared object; the only ones that it exports. */
#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_module_t ngx_http_mogiri_module;

#define EXPORTED __attribute__((visibility("default")))

EXPORTED ngx_module_t* ngx_modules[] = {&ngx_http_mogiri_module, NULL};
EXPORTED char* ngx_module_names[] = {"ngx_http_mogiri_module", NULL};
EXPORTED char* ngx_module_order[] = {NULL};
