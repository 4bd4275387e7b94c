// Package resident says how much memory a process has, as Linux counts it, for benchmarks. Nothing outside of tests may
// import it.
package resident

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Memory is what a process has of the machine's, in bytes (Linux, proc_pid_status(5)).
type Memory struct {
	Now, Peak int64
	Own       int64 // of Now: what no file stands behind
	File      int64 // of Now: pages of files, its program most of all, which are read again when they are needed
}

// Of is the memory of a process; 0 stands for this one. The error is that the process has ended, or that this is no Linux.
func Of(pid int) (m Memory, err error) {
	name := "/proc/self/status"
	if pid > 0 {
		name = "/proc/" + strconv.Itoa(pid) + "/status"
	}
	status, err := os.ReadFile(name)
	if err != nil {
		return m, err
	}
	for _, field := range []struct {
		key string
		to  *int64
	}{{"VmRSS:", &m.Now}, {"VmHWM:", &m.Peak}, {"RssAnon:", &m.Own}, {"RssFile:", &m.File}} {
		_, after, _ := bytes.Cut(status, []byte(field.key))
		if _, err := fmt.Sscan(string(after), field.to); err != nil {
			return m, fmt.Errorf("%s has no %s", name, field.key)
		}
		*field.to <<= 10
	}
	return m, nil
}

// MiB is a number of bytes in MiB.
func MiB(n int64) float64 { return float64(n) / (1 << 20) }
