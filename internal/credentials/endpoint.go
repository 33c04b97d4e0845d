package credentials

import (
	"net/url"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// parseEndpoint reads the URL of a token service or of a metadata service.
// Plain http is for loopback addresses, and for plainHost, which may be empty.
func parseEndpoint(argument, text, region, plainHost string) (*url.URL, error) {
	if strings.Contains(text, driverkit.RegionMark) {
		known, err := driverkit.ParseRegion(region)
		if err != nil {
			return nil, invalid(
				"%s contains %s, and the region is not known: set `region` in the same block", argument, driverkit.RegionMark,
			)
		}
		region = known
	}
	endpoint, err := driverkit.EndpointArgument{Name: argument, PlainHost: plainHost}.Parse(text, region)
	if err != nil {
		return nil, invalid("%s", err)
	}
	return &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host}, nil
}
