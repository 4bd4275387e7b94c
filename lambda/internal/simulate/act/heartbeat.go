package act

import (
	"net/http"

	"trailkeeper/lambda/internal/localcloud"
)

// StatusDenied has CloudTrail refuse the guard every trail's status.
func StatusDenied() localcloud.Fault {
	return cloudTrailRefuses("GetTrailStatus", "AccessDeniedException", "the guard's role may not call GetTrailStatus")
}

// HeartbeatUnknown has the service outside of AWS answer that it does not know the heartbeat.
func HeartbeatUnknown() localcloud.Fault {
	return localcloud.Fault{
		Service: "heartbeat", Operation: "ping", Kind: localcloud.FaultError, Status: http.StatusNotFound, Code: "404",
	}
}
