package lambda

import (
	"path/filepath"
	"strconv"
)

// environment returns a process's whole environment: Lambda's variables, the
// local stack's, and the function's own. It inherits nothing from the shell.
func (p *pool) environment(token string) []string {
	f, o := p.function, p.runtime.options
	vars := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          p.runtime.address + "/" + token,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local/" + token,
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_REGION":                      o.Region,
		"AWS_DEFAULT_REGION":              o.Region,
		// On AWS the credentials are those of the function's own role.
		"AWS_ACCESS_KEY_ID":     f.Name,
		"AWS_SECRET_ACCESS_KEY": "local",
		"AWS_SESSION_TOKEN":     "local",
		"LAMBDA_TASK_ROOT":      filepath.Dir(f.Binary),
		"LAMBDA_RUNTIME_DIR":    "/var/runtime",
		"_HANDLER":              f.Name,
		"LANG":                  "en_US.UTF-8",
		"PATH":                  "/usr/local/bin:/usr/bin:/bin",
		"TZ":                    ":UTC",
	}
	if f.Concurrency > 1 {
		vars["AWS_LAMBDA_MAX_CONCURRENCY"] = strconv.Itoa(f.Concurrency)
	}
	var list []string
	for _, set := range []map[string]string{vars, o.Endpoints, f.Environment} {
		for name, value := range set {
			list = append(list, name+"="+value)
		}
	}
	return list
}
