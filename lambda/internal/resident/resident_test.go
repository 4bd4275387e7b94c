package resident_test

import (
	"os"
	"runtime"
	"testing"

	"trailkeeper/lambda/internal/resident"
)

func TestOf(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc")
	}
	for _, pid := range []int{0, os.Getpid()} {
		m, err := resident.Of(pid)
		if err != nil || m.Peak < m.Now || m.Own <= 0 || m.File <= 0 || m.Own+m.File > m.Now+1<<20 || resident.MiB(m.Now) < 1 {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if _, err := resident.Of(1 << 30); err == nil {
		t.Error("a process that there is not has memory")
	}
}
