// The protos of Envoy's API → adapters/envoy/xds/descriptor.json: the messages and fields that PAM uses, with their numbers.
// Run it after a field was added below: `node tools/xds/writeDescriptor.mjs FOLDER`, where FOLDER is an unpacked
// `npm pack @grpc/grpc-js-xds`, which carries the protos of envoyproxy/data-plane-api, cncf/xds and googleapis (Apache-2.0).
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const folder = process.argv[2];
if (folder === undefined) throw new Error('expected the folder of an unpacked @grpc/grpc-js-xds');
const roots = [
  ...['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((name) => join(folder, 'deps', name)),
  dirname(createRequire(import.meta.url).resolve('protobufjs/package.json')),
];

/** Message → its fields that are used; an enum comes with the field that has it. */
const used = {
  'envoy.service.discovery.v3.DeltaDiscoveryRequest':
    'node type_url resource_names_subscribe resource_names_unsubscribe initial_resource_versions response_nonce error_detail',
  'envoy.service.discovery.v3.DeltaDiscoveryResponse': 'resources type_url removed_resources nonce',
  'envoy.service.discovery.v3.Resource': 'name version resource',
  'google.rpc.Status': 'code message',
  'envoy.config.core.v3.Node': 'id cluster metadata',
  'google.protobuf.Struct': 'fields',
  'google.protobuf.Value': 'stringValue numberValue',
  'envoy.config.core.v3.Address': 'socket_address envoy_internal_address',
  'envoy.config.core.v3.SocketAddress': 'address port_value',
  'envoy.config.core.v3.EnvoyInternalAddress': 'server_listener_name',
  'envoy.config.core.v3.ConfigSource': 'ads resource_api_version initial_fetch_timeout',
  'envoy.config.core.v3.AggregatedConfigSource': '',
  'envoy.config.core.v3.TypedExtensionConfig': 'name typed_config',
  'envoy.config.core.v3.HealthCheck':
    'timeout interval unhealthy_threshold healthy_threshold http_health_check no_traffic_interval no_traffic_healthy_interval unhealthy_interval unhealthy_edge_interval healthy_edge_interval reuse_connection',
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck': 'path host',
  'envoy.config.core.v3.HttpProtocolOptions':
    'idle_timeout max_connection_duration max_headers_count max_requests_per_connection headers_with_underscores_action',
  'envoy.config.core.v3.Http1ProtocolOptions': '',
  'envoy.config.endpoint.v3.ClusterLoadAssignment': 'cluster_name endpoints policy',
  'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy': 'overprovisioning_factor',
  'envoy.config.endpoint.v3.LocalityLbEndpoints': 'lb_endpoints priority',
  'envoy.config.endpoint.v3.LbEndpoint': 'endpoint',
  'envoy.config.endpoint.v3.Endpoint': 'address health_check_config hostname',
  'envoy.config.endpoint.v3.Endpoint.HealthCheckConfig': 'disable_active_health_check hostname',
  'envoy.config.cluster.v3.Cluster':
    'name type eds_cluster_config connect_timeout per_connection_buffer_limit_bytes lb_policy load_assignment health_checks circuit_breakers typed_extension_protocol_options dns_refresh_rate dns_lookup_family outlier_detection common_lb_config ignore_health_on_host_removal',
  'envoy.config.cluster.v3.Cluster.EdsClusterConfig': 'eds_config',
  'envoy.config.cluster.v3.Cluster.CommonLbConfig':
    'healthy_panic_threshold update_merge_window ignore_new_hosts_until_first_hc',
  'envoy.type.v3.Percent': 'value',
  'envoy.config.cluster.v3.CircuitBreakers': 'thresholds per_host_thresholds',
  'envoy.config.cluster.v3.CircuitBreakers.Thresholds':
    'priority max_connections max_pending_requests max_requests max_retries',
  'envoy.config.cluster.v3.OutlierDetection':
    'consecutive_5xx interval base_ejection_time max_ejection_time max_ejection_percent enforcing_consecutive_5xx enforcing_success_rate enforcing_consecutive_gateway_failure split_external_local_origin_errors consecutive_local_origin_failure enforcing_consecutive_local_origin_failure enforcing_local_origin_success_rate failure_percentage_threshold enforcing_failure_percentage enforcing_failure_percentage_local_origin failure_percentage_minimum_hosts failure_percentage_request_volume max_ejection_time_jitter successful_active_health_check_uneject_host',
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':
    'common_http_protocol_options explicit_http_config',
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig': 'http_protocol_options',
  'envoy.config.listener.v3.Listener':
    'name address filter_chains per_connection_buffer_limit_bytes internal_listener',
  'envoy.config.listener.v3.Listener.InternalListenerConfig': '',
  'envoy.config.listener.v3.FilterChain': 'filters',
  'envoy.config.listener.v3.Filter': 'name typed_config',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager':
    'stat_prefix rds route_config http_filters use_remote_address common_http_protocol_options stream_idle_timeout request_timeout request_headers_timeout normalize_path merge_slashes path_with_escaped_slashes_action max_request_headers_kb http_protocol_options drain_timeout',
  'envoy.extensions.filters.network.http_connection_manager.v3.Rds': 'config_source route_config_name',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': 'name typed_config',
  'envoy.extensions.filters.http.router.v3.Router': 'suppress_envoy_headers',
  'envoy.config.route.v3.RouteConfiguration':
    'name virtual_hosts validate_clusters ignore_path_parameters_in_path_matching',
  'envoy.config.route.v3.VirtualHost': 'name domains routes matcher retry_policy',
  'envoy.config.route.v3.RouteList': 'routes',
  'envoy.config.route.v3.Route': 'name match route direct_response stat_prefix',
  'envoy.config.route.v3.DirectResponseAction': 'status',
  'envoy.config.route.v3.RouteMatch': 'prefix path_separated_prefix headers',
  'envoy.config.route.v3.HeaderMatcher': 'name string_match',
  'envoy.config.route.v3.RouteAction': 'cluster timeout retry_policy',
  'envoy.config.route.v3.RetryPolicy':
    'retry_on num_retries retry_back_off retry_host_predicate host_selection_retry_max_attempts retry_priority',
  'envoy.config.route.v3.RetryPolicy.RetryBackOff': 'base_interval max_interval',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate': 'name typed_config',
  'envoy.config.route.v3.RetryPolicy.RetryPriority': 'name typed_config',
  'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate': '',
  'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig': 'update_frequency',
  'envoy.type.matcher.v3.StringMatcher': 'exact safe_regex',
  'envoy.type.matcher.v3.RegexMatcher': 'regex',
  'envoy.type.matcher.v3.HttpRequestHeaderMatchInput': 'header_name',
  'xds.core.v3.TypedExtensionConfig': 'name typed_config',
  'xds.type.matcher.v3.Matcher': 'matcher_list matcher_tree on_no_match',
  'xds.type.matcher.v3.Matcher.OnMatch': 'matcher action',
  'xds.type.matcher.v3.Matcher.MatcherList': 'matchers',
  'xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher': 'predicate on_match',
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate': 'single_predicate',
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate': 'input value_match',
  'xds.type.matcher.v3.Matcher.MatcherTree': 'input exact_match_map prefix_match_map',
  'xds.type.matcher.v3.Matcher.MatcherTree.MatchMap': 'map',
  'xds.type.matcher.v3.StringMatcher': 'safe_regex',
  'xds.type.matcher.v3.RegexMatcher': 'regex google_re2',
  'xds.type.matcher.v3.RegexMatcher.GoogleRE2': '',
};

/** Fields that are newer than the package's protos: number and type. */
const added = {
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': {
    http1_safe_max_connection_duration: [58, 'bool'],
  },
};

const root = new protobuf.Root();
root.resolvePath = (_, target) => {
  if (protobuf.common.get(target) !== null) return target;
  return roots.map((one) => join(one, target)).find((path) => existsSync(path)) ?? target;
};
/** The folders of the packages that the messages are in. */
const folders = new Set(Object.keys(used).map((name) => name.split(/\.(?=[A-Z])/)[0].replaceAll('.', '/')));
for (const one of roots)
  for (const path of [...folders].map((name) => join(one, name)).filter((path) => existsSync(path)))
    for (const file of readdirSync(path).filter((name) => name.endsWith('.proto')))
      root.loadSync(join(path, file), { keepCase: true });
root.resolveAll();

const out = new protobuf.Root();
const wellKnown = ['Any', 'Duration', 'UInt32Value', 'UInt64Value', 'BoolValue', 'DoubleValue'].map(
  (name) => `google.protobuf.${name}`,
);
const namespaceOf = (fullName) => {
  const type = root.lookupTypeOrEnum(fullName);
  return type.parent instanceof protobuf.Type
    ? declare(type.parent.fullName.slice(1))
    : out.define(type.parent.fullName.slice(1).split('.'));
};
const declared = new Map();
function declare(fullName) {
  const before = declared.get(fullName);
  if (before !== undefined) return before;
  const source = root.lookupTypeOrEnum(fullName);
  if (source instanceof protobuf.Enum) {
    const made = new protobuf.Enum(source.name, source.values);
    declared.set(fullName, made);
    namespaceOf(fullName).add(made);
    return made;
  }
  const made = new protobuf.Type(source.name);
  declared.set(fullName, made);
  namespaceOf(fullName).add(made);
  const names = wellKnown.includes(fullName)
    ? Object.keys(source.fields)
    : used[fullName]?.split(' ').filter(Boolean);
  if (names === undefined)
    throw new Error(`${fullName} is reached by a field: list its own fields, or leave that one out`);
  for (const name of names) {
    const field = source.fields[name];
    if (field === undefined) throw new Error(`${fullName} has no field ${name}`);
    const type =
      field.resolvedType === null
        ? field.type
        : `.${declare(field.resolvedType.fullName.slice(1)).fullName.slice(1)}`;
    made.add(
      field instanceof protobuf.MapField
        ? new protobuf.MapField(name, field.id, field.keyType, type)
        : new protobuf.Field(name, field.id, type, field.repeated ? 'repeated' : undefined),
    );
  }
  for (const [name, [id, type]] of Object.entries(added[fullName] ?? {}))
    made.add(new protobuf.Field(name, id, type));
  return made;
}
for (const name of Object.keys(used)) declare(name);
const target = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'adapters',
  'envoy',
  'xds',
  'descriptor.json',
);
writeFileSync(target, `${JSON.stringify(out.toJSON())}\n`);
