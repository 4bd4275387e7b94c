package user_test

import (
	"testing"

	"trailkeeper/localcloud"
	"trailkeeper/shop"
)

func TestUser(*testing.T) { _ = shop.Narrow(nil); _ = localcloud.Cloud{} }
