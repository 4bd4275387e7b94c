package dashboard

import (
	"testing"

	"trailkeeper/lambda/internal/simulate/simulatetest"
)

func TestMain(m *testing.M) { simulatetest.Main(m) }
