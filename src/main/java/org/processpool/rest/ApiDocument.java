package org.processpool.rest;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jboss.jandex.IndexView;

/**
 * Completes the OpenAPI document while the service is built, so that a resource only has to say
 * what is its own: the names of operations, the problems every operation can answer with, headers,
 * which members are always there and which can be null, and examples.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class ApiDocument implements OASFilter {

    private static final String TOKEN = "token";

    private final DocumentedRecords records;

    public ApiDocument(IndexView index) {
        records = new DocumentedRecords(index);
    }

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        var names = new OperationNames(document.getPaths().getPathItems().keySet());
        var headers = new DocumentedHeaders(document.getComponents());
        var problems = new DocumentedProblems(document.getComponents());
        document.getPaths()
                .getPathItems()
                .forEach((path, item) ->
                        item.getOperations()
                                .forEach((method, operation) -> {
                                    if (operation.getOperationId() == null) {
                                        operation.setOperationId(names.of(method.name(), path));
                                    }
                                    headers.describe(operation);
                                    problems.describe(method.name(), path, operation);
                                    DocumentedExamples.add(operation);
                                }));
        records.describe(document);
        document.getComponents()
                .addSecurityScheme(
                        TOKEN,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description(
                                        "A token of the service's own file, or of the identity"
                                                + " provider it trusts. Without either it asks"
                                                + " nobody."));
        document.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(TOKEN));
        document.addSecurityRequirement(OASFactory.createSecurityRequirement());
    }
}
