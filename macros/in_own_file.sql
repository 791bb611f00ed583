{#- A table as a view names it that is also read where the warehouse file is attached under another name (publishing, weights diff), or whose view is published: without the name of the
    database it is looked for in the file of the view. -#}
{%- macro in_own_file(relation) -%}{{ return(relation.include(database=false)) }}{%- endmacro -%}
