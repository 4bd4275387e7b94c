package lambda

import (
	"bytes"
	"cmp"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// loggingSpec is a function's LoggingConfig.
type loggingSpec struct {
	ApplicationLogLevel, LogFormat, LogGroup string
	SystemLogLevel                           cloudformation.Unused
}

// logLevels are Lambda's, from the most detail to the least ("Log-level filtering").
var logLevels = []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// lets reports whether Lambda sends a line of the function's log on to CloudWatch Logs ("Log-level filtering"): in the
// format JSON a line has the level that it names, and INFO where it names none, or has no valid timestamp.
func (s loggingSpec) lets(line []byte) bool {
	if s.LogFormat != "JSON" {
		return true
	}
	var l struct {
		Level     string
		Timestamp string
	}
	if json.Unmarshal(line, &l) != nil {
		l.Level = "INFO"
	}
	level := slices.Index(logLevels, strings.ToUpper(l.Level))
	if _, err := time.Parse(time.RFC3339, l.Timestamp); err != nil || level < 0 {
		level = slices.Index(logLevels, "INFO")
	}
	least := slices.Index(logLevels, s.ApplicationLogLevel)
	if least < 0 {
		least = slices.Index(logLevels, "INFO") // the default
	}
	return level >= least
}

// logger is what Lambda's own handler writes, at every level: what the code would log at another setting is searched
// for secrets as well.
func (s *Functions) logger(f *function) *slog.Logger {
	return slog.New(slog.NewJSONHandler(&logWriter{functions: s, function: f}, &slog.HandlerOptions{
		Level:       slog.LevelDebug,
		ReplaceAttr: lambdacontext.ReplaceAttr,
	}))
}

// logWriter takes the function's log: for the search for secrets, for whoever asks for it, and for CloudWatch Logs.
type logWriter struct {
	functions *Functions
	function  *function
}

// Write implements io.Writer. It gets whole lines.
func (w *logWriter) Write(b []byte) (int, error) {
	s, f := w.functions, w.function
	group := kernel.ARN(f.arn).ARN("logs", "log-group:"+f.logGroup())
	for line := range bytes.Lines(b) {
		if !f.now().spec.LoggingConfig.lets(line) {
			continue
		}
		s.mu.Lock()
		f.log = append(f.log, string(bytes.TrimSpace(line)))
		s.mu.Unlock()
		_ = s.kernel.Deliver(kernel.Delivery{To: group, Body: line}) // a function runs on without its log group
	}
	s.kernel.Leak(string(b))
	return len(b), nil
}

// logGroup is the name of the group that the function logs to.
func (f *function) logGroup() string {
	return cmp.Or(f.now().spec.LoggingConfig.LogGroup, "/aws/lambda/"+f.name)
}

// Log returns the lines that the functions logged, as far as Lambda's filter lets them through.
func (s *Functions) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, f := range s.functions {
		all = append(all, f.log...)
	}
	return all
}
